// What a model takes in: raw features, what is derived from them, and the inputs of the estimator.
// The spec is fitted at training (ranges, levels, which columns exist) and travels inside model.json,
// so that training and serving compute features by the same code from the same description.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace vigia::features {

enum class FeatureType { kNumber, kInteger, kCategory };

// One value a client may send. Names carry no year.
struct RawFeature {
  std::string name;
  FeatureType type = FeatureType::kNumber;
  // Numbers: what is accepted (validation) and what was seen in training (values are clipped to it).
  double min = 0, max = 0;
  double seen_min = 0, seen_max = 0;
  std::vector<std::string> levels;  // categories seen in training, in the order of their codes
  // False: no value in the whole training period (IPP in 2022). Accepted, and used by no input.
  bool in_training = true;

  bool operator==(const RawFeature&) const = default;
};

// How one estimator input is computed. Missing (NaN) inputs:
// composites skip them and are NaN when all are missing; kMissing is 1 or 0; the others pass NaN on.
// Raw numbers are clipped to what was seen in training before any of it, but for kMissing and for
// kTenure, which has its own limits (a pupil who joins after the training years has tenure 0).
enum class Operation {
  kIdentity,  // the raw value, clipped to what was seen in training
  kOneHot,    // 1 when the category is `level`, 0 for any other, NaN never (missing: 0)
  kMissing,   // 1 when the raw value is missing
  kMean,
  kMin,
  kMax,
  kStd,
  kRange,       // composites, over several raw numbers; kStd is the sample deviation, 0 for one value
  kTenure,      // year − the raw value (ano_ingresso), clipped to 0..15
  kDifference,  // first − second
  // Of the school's phases (school.h), from unclipped raw values:
  kCurrentLag,    // {defasagem, fase, idade}: the first, or fase − ideal phase when it is missing
  kLagIfRetained  // {fase, idade}: next year's lag of a pupil who repeats, fase − ideal phase at idade + 1
};

struct DerivedFeature {
  std::string name;
  Operation operation = Operation::kIdentity;
  std::vector<std::string> inputs;  // raw names
  std::string level;                // kOneHot
  // Fitted, and applied to the result, in this order: what stands for a missing value (the training
  // median; none: stays missing), and the range that was seen.
  std::optional<double> impute = std::nullopt;
  std::optional<double> clip_low = std::nullopt, clip_high = std::nullopt;

  bool operator==(const DerivedFeature&) const = default;
};

struct FeatureSpec {
  std::vector<RawFeature> raw;
  std::vector<DerivedFeature> inputs;  // in the order that the estimator takes
  int reference_year = 0;              // the latest feature year of training: what kTenure uses when a row has no year

  bool operator==(const FeatureSpec&) const = default;
  // Index into raw, or -1.
  int FindRaw(std::string_view name) const;
};

// {"reference_year":2023,
//  "raw":[{"name":"ida","type":"number","min":0,"max":10,"seen_min":0,"seen_max":9.9},
//         {"name":"genero","type":"category","levels":["Feminino","Masculino"]}, …],
//  "inputs":[{"name":"ida","operation":"identity","inputs":["ida"],"impute":6.8,"clip_low":1,"clip_high":9.9},
//            {"name":"genero=Feminino","operation":"one_hot","inputs":["genero"],"level":"Feminino"}, …]}
Json ToJson(const FeatureSpec& spec);
std::string_view OperationName(Operation operation);  // "one_hot"
// Refuses unknown operations, names, levels and keys, and names that come twice; says which.
Result<FeatureSpec> FeatureSpecFromJson(const Json& json);

}  // namespace vigia::features
