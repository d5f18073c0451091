// Inside this module: the zip file of a workbook, part by part.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "workbook/workbook.h"

struct zip;

namespace vigia::workbook {

// Not thread-safe. The bytes must outlive it.
class Archive {
 public:
  static Result<std::unique_ptr<Archive>> Open(std::string_view bytes, const Limits& limits);
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  ~Archive();

  bool Has(const std::string& part) const;
  // Inflates the part in pieces; stops at the first error, the consumer's own included.
  Status Stream(const std::string& part, const std::function<Status(std::string_view)>& consume) const;

 private:
  Archive(struct zip* archive, const Limits& limits) : archive_(archive), limits_(limits) {}
  struct zip* archive_;
  const Limits& limits_;
};

}  // namespace vigia::workbook
