// A file's lock, with words for the person who must wait for another to give it back.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/files.h"

namespace vigia {

// Files::Lock. When, and only when, another holds it, the error begins with `busy`: a lock that cannot be
// made (a full disk, no permission) is no other process that is busy.
inline Result<std::unique_ptr<FileLock>> LockOrBusy(Files& files, const std::string& path, std::string_view busy) {
  auto lock = files.Lock(path);
  if (lock.ok() || lock.error().code() != Code::kUnavailable) return lock;
  return lock.error().Prefixed(busy);
}

}  // namespace vigia
