// Inside this module: a file that has no name, so that bytes can be read and written as a file.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace vigia::columnar {

class MemoryFile {
 public:
  static Result<MemoryFile> Make(std::string_view bytes = {});
  std::string path() const;  // works in this process while the object lives
  Result<std::string> Read() const;

 private:
  explicit MemoryFile(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// A file opened by us: its path through the descriptor has no wildcard and no scheme to interpret.
Result<UniqueFd> OpenRegular(const std::string& path);
std::string DescriptorPath(const UniqueFd& fd);

}  // namespace vigia::columnar
