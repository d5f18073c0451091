// A version as it is served: everything that a request needs, checked before it is used.
// (LoadBundle is the load check: a version that fails it must not be served.)
#pragma once

#include <memory>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "base/result.h"
#include "scoring/model.h"

namespace vigia::registry {

struct Bundle {
  std::string version;     // the registry's: model_metadata.json may say otherwise
  std::string created_at;  // of the registration
  std::string digest;      // of the manifest: two loads of the same digest are the same model
  std::shared_ptr<const scoring::Model> model;
  Json metadata, signature, metrics;
  double threshold = 0.5;  // the model's own; an operator may override it
};

// The version named, or the champion when `version` is empty or "champion". Reads without a lock.
// kNotFound: no champion yet, or no such version. kDataLoss: a SHA-256 differs, or a golden row's
// score does. Errors name the version and the file.
Result<Bundle> LoadBundle(const Files& files, const std::string& registry, const std::string& version = "");

// The same check on a folder that is not registered: what `train` wrote. version and digest are empty.
Result<Bundle> LoadArtifacts(const Files& files, const std::string& folder);

// golden_rows.json: {"tolerance": 1e-6, "rows": [{"instance": {"fase": 3, "genero": "Feminino"}, "year": 2023,
// "risk_score": 0.25}, …]}; features by name, null or absent is missing. Also read: "raw" (as in
// features/pipeline.h) for "instance", "score" for "risk_score". kDataLoss names the first row that differs.
Status ReplayGoldenRows(const scoring::Model& model, const Json& golden);

}  // namespace vigia::registry
