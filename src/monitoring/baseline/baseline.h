// What one model version was trained on: a profile of its features and of its own scores, with bins
// that are fixed here and counted into by every later drift report.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/result.h"
#include "baseline/bins.h"
#include "tabular/table.h"

namespace vigia::baseline {

struct NumberStats {
  double mean = 0, std = 0, min = 0, max = 0;                            // std: of the sample (n − 1)
  double p05 = 0, p10 = 0, p25 = 0, p50 = 0, p75 = 0, p90 = 0, p95 = 0;  // linear interpolation
};
// All zero when there is no value. NaNs are left out.
NumberStats StatsOf(std::span<const double> values);

enum class FeatureType { kNumeric, kCategorical, kUnknown };  // unknown: the source has no such column

struct FeatureProfile {
  std::string name;
  FeatureType type = FeatureType::kUnknown;
  uint64_t count = 0;    // values that are there
  uint64_t missing = 0;  // rows without one
  NumberStats stats;     // kNumeric
  Bins bins;
  std::vector<uint64_t> counts;  // bins.slots()
  uint64_t n_unique = 0;         // kCategorical

  uint64_t rows() const { return count + missing; }
  double missing_rate() const { return rows() == 0 ? 1.0 : static_cast<double>(missing) / static_cast<double>(rows()); }
};

inline constexpr size_t kScoreHistogramBins = 20;  // of equal width on [0,1]

struct ScoreProfile {
  uint64_t count = 0;
  NumberStats stats;
  Bins bins;
  std::vector<uint64_t> counts;
  std::array<uint64_t, kScoreHistogramBins> histogram{};
  double positive_rate = 0;          // share of scores at or above the model's threshold
  double positive_rate_at_half = 0;  // at or above 0.5
};

struct BaselineSettings {
  std::string model_version;
  std::vector<std::string> features;  // the model's raw features, in its order
  double threshold = 0.5;
  std::string source;     // what was profiled, for people: "training data"
  std::string data_path;  // where it was read from; relative to the home when it is below it
  std::string notes;
  WallTime created_at{};
  BinSettings bins;
};

struct Baseline {
  std::string model_version;
  std::string source, data_path, notes;
  WallTime created_at{};
  uint64_t n_samples = 0;
  double threshold = 0.5;
  std::vector<FeatureProfile> features;
  ScoreProfile scores;

  const FeatureProfile* Find(std::string_view feature) const;  // null when there is none
};

// Profiles the model's features, and nothing else that the table has. `scores` are what this model
// gives for these rows, one per row. Errors: no rows, no features, scores outside of [0,1] or not
// one per row. A feature that the table lacks gets the type unknown and a missing rate of 1.
Result<Baseline> BuildBaseline(const tabular::Table& table, std::span<const double> scores,
                               const BaselineSettings& settings);

// The three files, by name: feature_profile.json, score_profile.json, baseline_metadata.json.
inline constexpr const char* kFeatureFile = "feature_profile.json";
inline constexpr const char* kScoreFile = "score_profile.json";
inline constexpr const char* kMetadataFile = "baseline_metadata.json";

Json FeatureProfileJson(const Baseline& baseline);
Json ScoreProfileJson(const Baseline& baseline);
Json MetadataJson(const Baseline& baseline);
Result<Baseline> BaselineFromJson(const Json& features, const Json& scores, const Json& metadata);

// Each file is written whole; the metadata last, so a baseline that has it is complete.
Status WriteBaseline(Files& files, const std::string& folder, const Baseline& baseline);
// kNotFound when the folder has no baseline. Errors name the file.
Result<Baseline> ReadBaseline(const Files& files, const std::string& folder);

// <home>/monitoring/baseline/<version>, and where the registry keeps the one that a version came with.
std::string BaselineFolder(const std::string& home, const std::string& version);
std::string RegisteredBaselineFolder(const std::string& home, const std::string& version);
// The first of these two that is there. kNotFound says which command makes one.
Result<Baseline> FindBaseline(const Files& files, const std::string& home, const std::string& version);

}  // namespace vigia::baseline
