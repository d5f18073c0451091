#include "control/file_cache.h"

namespace vigia::control {

Result<Json> FileCache::Get(const std::string& path) {
  const FileInfo info = TRY(files_.Info(path));
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(path);
    if (found != kept_.end() && found->second.modified == info.modified && found->second.size == info.size) {
      return found->second.made;
    }
  }
  Json made = make_(TRY_CONTEXT(ParseJson(TRY(files_.Read(path))), path));
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= most_) kept_.clear();
  kept_[path] = {info.modified, info.size, made};
  return made;
}

}  // namespace vigia::control
