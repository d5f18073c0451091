// What was made of a file, kept for as long as the file stays as it was.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "base/files.h"
#include "base/json.h"

namespace vigia::control {

// Thread-safe. The files outlive it.
class FileCache {
 public:
  // `make`: from the file's parsed JSON to what is kept; pure.
  using Make = std::function<Json(const Json&)>;
  FileCache(const Files& files, size_t most, Make make) : files_(files), most_(most), make_(std::move(make)) {}

  Result<Json> Get(const std::string& path);

 private:
  struct Kept {
    WallTime modified;
    uint64_t size;
    Json made;
  };
  const Files& files_;
  const size_t most_;
  const Make make_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

}  // namespace vigia::control
