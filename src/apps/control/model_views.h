// What the API says of model versions, read from the registry's files.
#pragma once

#include <string>

#include "base/files.h"
#include "base/json.h"
#include "control/file_cache.h"
#include "registry/manifest.h"

namespace vigia::control {

// Thread-safe. The files outlive it. Metrics are parsed once per version: versions do not change.
class ModelViews {
 public:
  ModelViews(const Files& files, std::string registry);

  // Newest version first, without files.
  Result<Json> All();
  // With calibration, ROC and every file's check against its SHA-256. kNotFound.
  Result<Json> One(const std::string& version);
  // Newest first: {at, by, action, version, from, to, reason}.
  Result<Json> History(size_t limit) const;
  // {version, threshold, fields: [{name, type, values, minimum, maximum, used}]} of the champion; what the model
  // uses comes first. kFailedPrecondition: there is none.
  Result<Json> Signature();

 private:
  Json View(const registry::Manifest& manifest, const std::string& champion);
  std::string PathOf(const std::string& version, const char* file) const;

  const Files& files_;
  const std::string registry_;
  FileCache metrics_, metadata_;
};

}  // namespace vigia::control
