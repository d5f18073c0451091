// A small model for tests: logistic regression over four raw features, with known scores.
#pragma once

#include <memory>

#include "base/json.h"
#include "risk/served_model.h"

namespace vigia::risk {

// Raw features: fase (0..9, whole), idade (5..30, whole), iaa (0..10), genero, ipp (never in training).
// Margin = -1 + 0.5·(fase − 3)/2 − 0.8·(iaa − 6); inputs fase, iaa, genero=Feminino, tenure none.
// Missing fase counts as 3, missing iaa as 6, so that an empty instance scores 1/(1+e) = 0.268941….
inline Json TestModelJson() {
  return ParseJson(R"({
    "format": "vigia-model", "format_version": 1,
    "features": {
      "reference_year": 2023,
      "raw": [
        {"name": "fase", "type": "integer", "min": 0, "max": 9, "seen_min": 0, "seen_max": 8},
        {"name": "idade", "type": "integer", "min": 5, "max": 30, "seen_min": 7, "seen_max": 26},
        {"name": "iaa", "type": "number", "min": 0, "max": 10, "seen_min": 0, "seen_max": 10},
        {"name": "genero", "type": "category", "levels": ["Feminino", "Masculino"]},
        {"name": "ipp", "type": "number", "min": 0, "max": 10, "seen_min": 0, "seen_max": 10, "in_training": false}],
      "inputs": [
        {"name": "fase", "operation": "identity", "inputs": ["fase"]},
        {"name": "iaa", "operation": "identity", "inputs": ["iaa"]},
        {"name": "genero=Feminino", "operation": "one_hot", "inputs": ["genero"], "level": "Feminino"},
        {"name": "idade_missing", "operation": "missing", "inputs": ["idade"]}]},
    "estimator": {"family": "logistic_regression", "impute": [3, 6, 0, 0], "mean": [3, 6, 0, 0],
      "scale": [2, 1, 1, 1], "coefficients": [0.5, -0.8, 0.25, 0], "intercept": -1},
    "calibration": {"method": "none"}, "threshold": 0.4})")
      .value();
}

inline ModelBundle TestBundle(const std::string& version = "v1.0.0") {
  ModelBundle bundle;
  bundle.version = version;
  auto model = scoring::Model::FromJson(TestModelJson());
  CHECK(model.ok(), model.ok() ? "" : model.error().message());
  bundle.model = std::move(model).value();
  bundle.metadata = {{"model_version", version}, {"created_at", "2026-11-20T10:00:00Z"}};
  bundle.origin = "registry";
  return bundle;
}

inline std::shared_ptr<const ServedModel> TestServed(const std::string& version = "v1.0.0") {
  return std::make_shared<ServedModel>(TestBundle(version), Threshold{0.4, ThresholdSource::kMetadata}, WallTime{});
}

}  // namespace vigia::risk
