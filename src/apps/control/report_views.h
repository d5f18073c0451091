// What the API says of drift and performance, read from the reports that `vigia drift report` and
// `vigia performance report` wrote: the newest of each date in monitoring/reports/<version>/.
#pragma once

#include <string>

#include "base/files.h"
#include "base/json.h"
#include "control/file_cache.h"

namespace vigia::control {

// Thread-safe. The files outlive it.
class ReportViews {
 public:
  ReportViews(const Files& files, std::string home);

  // The newest report of the version ("" for the champion, else the version with the newest report); features
  // worst first. {"model": null} when there is none.
  Result<Json> Drift(const std::string& version);
  // One point per report of the last weeks, oldest first: {at, version, global_status, score_psi, features: {name:
  // psi}}.
  Result<Json> DriftHistory(const std::string& version, int weeks, WallTime now);
  Result<Json> Performance(const std::string& version);

 private:
  Result<std::string> Choose(const std::string& version) const;
  // Paths of `kind`_metrics_YYYYMMDD.json, oldest first.
  std::vector<std::string> Reports(const std::string& version, const std::string& kind) const;

  const Files& files_;
  const std::string home_;
  FileCache drift_, points_, performance_;
};

}  // namespace vigia::control
