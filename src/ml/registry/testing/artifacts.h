// What `train` leaves behind: a small model that loads, with golden rows that it meets. For tests.
#pragma once

#include <cmath>
#include <string>

#include "base/files.h"
#include "base/json.h"
#include "registry/layout.h"

namespace vigia::registry::testing {

// Logistic: margin = intercept − 1·ida, missing ida counts as 6. Score(ida) = 1/(1+exp(−margin)).
inline Json SmallModel(double intercept) {
  Json model = ParseJson(R"({"format":"vigia-model","format_version":1,
    "features":{"reference_year":2023,
      "raw":[{"name":"ida","type":"number","min":0,"max":10,"seen_min":0,"seen_max":10},
             {"name":"ieg","type":"number","min":0,"max":10,"seen_min":0,"seen_max":10}],
      "inputs":[{"name":"ida","operation":"identity","inputs":["ida"]},
                {"name":"ieg_missing","operation":"missing","inputs":["ieg"]}]},
    "estimator":{"family":"logistic_regression","impute":[6,0],"mean":[0,0],"scale":[1,1],
                 "coefficients":[-1,0],"intercept":0},
    "calibration":{"method":"none"},"threshold":0.4})")
                   .value();
  model["estimator"]["intercept"] = intercept;
  return model;
}

inline Json SmallGoldenRows(double intercept) {
  const auto score = [intercept](double ida) { return 1 / (1 + std::exp(ida - intercept)); };
  Json rows = Json::array();
  rows.push_back({{"year", 2023}, {"raw", {5.0, 7.0}}, {"score", score(5)}});
  rows.push_back({{"year", 2023}, {"raw", {nullptr, nullptr}}, {"score", score(6)}});
  return {{"tolerance", 1e-6}, {"rows", rows}};
}

inline Status WriteArtifacts(Files& files, const std::string& folder, double intercept) {
  TRY(files.Write(JoinPath(folder, "model.json"), PrettyJson(SmallModel(intercept))));
  TRY(files.Write(JoinPath(folder, "golden_rows.json"), PrettyJson(SmallGoldenRows(intercept))));
  for (const char* name : {"model_metadata.json", "model_signature.json", "metrics.json"}) {
    TRY(files.Write(JoinPath(folder, name), PrettyJson({{"intercept", intercept}})));
  }
  for (const std::string& name : BaselineFiles()) {
    TRY(files.Write(JoinPath(JoinPath(folder, kBaselineFolder), name), PrettyJson({{"intercept", intercept}})));
  }
  return {};
}

}  // namespace vigia::registry::testing
