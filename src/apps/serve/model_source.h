// Where the served model comes from: the registry's champion, one of its versions, or files.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"
#include "registry/trial.h"
#include "risk/served_model.h"

namespace vigia::serve {

struct ModelSourceSettings {
  std::string registry;       // folder of the registry
  std::string version;        // "champion" or a version
  std::string model_path;     // not empty: serve this file, and not the registry
  std::string metadata_path;  // empty: model_metadata.json beside the model
  // Not empty: the features that the model must have; another file's model is refused.
  std::string signature_path = {};
};

// How long to wait before what could not be read is tried again: twice as long each time.
inline constexpr Duration kFirstRetry = std::chrono::seconds(1), kLastRetry = std::chrono::seconds(60);

// Changes when the file does; empty when there is none.
std::string StampOf(const Files& files, const std::string& path);

// Not thread-safe.
class ModelSource {
 public:
  ModelSource(ModelSourceSettings settings, const Files& files) : settings_(std::move(settings)), files_(files) {}

  // Changes when Load would give something else. Empty: there is nothing to load. Cheap enough to ask
  // several times a second.
  std::string Fingerprint() const;
  // A registered version is verified: checksums and golden rows. What fails must not be served.
  Result<risk::ModelBundle> Load() const;
  // The same for a version of the registry by name; "champion" for the champion.
  Result<risk::ModelBundle> LoadVersion(const std::string& version) const;
  // Challengers beside the champion; none when something else than the champion is served. The
  // fingerprint changes when the answer does.
  std::string TrialsFingerprint() const;
  Result<registry::Trials> Trials() const;

 private:
  bool ServesChampion() const { return settings_.model_path.empty() && settings_.version == "champion"; }
  Result<risk::ModelBundle> LoadFiles() const;
  Result<risk::ModelBundle> ReadFiles() const;

  const ModelSourceSettings settings_;
  const Files& files_;
};

}  // namespace vigia::serve
