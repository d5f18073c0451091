// The baseline as files: fields as the published project had them, and the bins.
#include "base/digest.h"
#include "base/json.h"
#include "baseline/baseline.h"

namespace vigia::baseline {

namespace {

constexpr size_t kTopValues = 10;

Json QuantilesJson(const NumberStats& stats) {
  return {{"p05", stats.p05}, {"p10", stats.p10}, {"p25", stats.p25}, {"p50", stats.p50},
          {"p75", stats.p75}, {"p90", stats.p90}, {"p95", stats.p95}};
}

void AddStats(Json& json, const NumberStats& stats) {
  json["quantiles"] = QuantilesJson(stats);
  json["mean"] = stats.mean;
  json["std"] = stats.std;
  json["min"] = stats.min;
  json["max"] = stats.max;
}

Result<NumberStats> StatsFromJson(const Json& json) {
  NumberStats stats;
  const Json& quantiles = *TRY(GetObject(json, "quantiles"));
  stats.p05 = TRY(GetNumber(quantiles, "p05"));
  stats.p10 = TRY(GetNumber(quantiles, "p10"));
  stats.p25 = TRY(GetNumber(quantiles, "p25"));
  stats.p50 = TRY(GetNumber(quantiles, "p50"));
  stats.p75 = TRY(GetNumber(quantiles, "p75"));
  stats.p90 = TRY(GetNumber(quantiles, "p90"));
  stats.p95 = TRY(GetNumber(quantiles, "p95"));
  stats.mean = TRY(GetNumber(json, "mean"));
  stats.std = TRY(GetNumber(json, "std"));
  stats.min = TRY(GetNumber(json, "min"));
  stats.max = TRY(GetNumber(json, "max"));
  return stats;
}

// Levels come by falling count, so the first are the most frequent.
Json TopValues(const FeatureProfile& profile) {
  Json top = Json::object();
  uint64_t named = 0;
  const double count = static_cast<double>(profile.count);
  for (size_t i = 0; i < profile.bins.core() && i < kTopValues; ++i) {
    if (profile.bins.levels[i] == kOtherLevel) break;
    named += profile.counts[i];
    top[profile.bins.levels[i]] = {{"count", profile.counts[i]},
                                   {"freq", static_cast<double>(profile.counts[i]) / count}};
  }
  if (named < profile.count) {
    const uint64_t rest = profile.count - named;
    top[std::string(kOtherLevel)] = {{"count", rest}, {"freq", static_cast<double>(rest) / count}};
  }
  return top;
}

Json ProfileJson(const FeatureProfile& profile) {
  Json json;
  switch (profile.type) {
    case FeatureType::kNumeric: json["type"] = "numeric"; break;
    case FeatureType::kCategorical: json["type"] = "categorical"; break;
    case FeatureType::kUnknown: json["type"] = "unknown"; break;
  }
  json["count"] = profile.count;
  json["missing"] = profile.missing;
  json["missing_rate"] = profile.missing_rate();
  if (profile.type == FeatureType::kNumeric) AddStats(json, profile.stats);
  if (profile.type == FeatureType::kCategorical) {
    json["n_unique"] = profile.n_unique;
    json["top_values"] = TopValues(profile);
  }
  json["bins"] = ToJson(profile.bins, profile.counts);
  return json;
}

Result<uint64_t> GetCount(const Json& json, const std::string& key) {
  const int64_t count = TRY(GetInteger(json, key));
  if (count < 0) return Error(Code::kInvalidArgument, "'" + key + "' must not be negative");
  return static_cast<uint64_t>(count);
}

Result<FeatureProfile> ProfileFromJson(const std::string& name, const Json& json) {
  if (!json.is_object()) return Error(Code::kInvalidArgument, "a profile must be an object");
  FeatureProfile profile;
  profile.name = name;
  const std::string type = TRY(GetString(json, "type"));
  if (type == "numeric") {
    profile.type = FeatureType::kNumeric;
    profile.stats = TRY(StatsFromJson(json));
  } else if (type == "categorical") {
    profile.type = FeatureType::kCategorical;
    profile.n_unique = TRY(GetCount(json, "n_unique"));
  } else if (type != "unknown") {
    return Error(Code::kInvalidArgument, "'type' must be numeric, categorical or unknown");
  }
  profile.count = TRY(GetCount(json, "count"));
  profile.missing = TRY(GetCount(json, "missing"));
  CountedBins counted = TRY(BinsFromJson(*TRY(GetObject(json, "bins"))));
  uint64_t rows = 0;
  for (const uint64_t count : counted.counts) rows += count;
  if (rows != profile.rows()) return Error(Code::kDataLoss, "the bins do not hold as many rows as the profile says");
  if ((counted.bins.kind == BinKind::kLevels) != (profile.type == FeatureType::kCategorical)) {
    return Error(Code::kInvalidArgument, "the bins do not fit the type");
  }
  profile.bins = std::move(counted.bins);
  profile.counts = std::move(counted.counts);
  return profile;
}

}  // namespace

Json FeatureProfileJson(const Baseline& baseline) {
  Json json = Json::object();
  for (const FeatureProfile& profile : baseline.features) json[profile.name] = ProfileJson(profile);
  return json;
}

Json ScoreProfileJson(const Baseline& baseline) {
  const ScoreProfile& scores = baseline.scores;
  Json json = {{"count", scores.count}};
  AddStats(json, scores.stats);
  Json edges = Json::array(), frequencies = Json::array();
  for (size_t i = 0; i <= kScoreHistogramBins; ++i) {
    edges.push_back(static_cast<double>(i) / static_cast<double>(kScoreHistogramBins));
  }
  for (const uint64_t count : scores.histogram) {
    frequencies.push_back(static_cast<double>(count) / static_cast<double>(scores.count));
  }
  json["histogram"] = {{"bin_edges", edges}, {"counts", scores.histogram}, {"frequencies", frequencies}};
  json["positive_rate"] = scores.positive_rate_at_half;
  json["positive_rate_at_threshold"] = scores.positive_rate;
  json["bins"] = ToJson(scores.bins, scores.counts);
  return json;
}

Json MetadataJson(const Baseline& baseline) {
  Json names = Json::array();
  for (const FeatureProfile& profile : baseline.features) names.push_back(profile.name);
  return {{"format_version", 1},
          {"model_version", baseline.model_version},
          {"created_at", FormatTime(baseline.created_at)},
          {"source", baseline.source},
          {"data_path", baseline.data_path},
          {"n_samples", baseline.n_samples},
          {"feature_list", names},
          {"n_features", baseline.features.size()},
          {"threshold", baseline.threshold},
          {"notes", baseline.notes}};
}

Result<Baseline> BaselineFromJson(const Json& features, const Json& scores, const Json& metadata) {
  if (!features.is_object() || !scores.is_object() || !metadata.is_object()) {
    return Error(Code::kInvalidArgument, "each file of a baseline holds one object");
  }
  Baseline baseline;
  baseline.model_version = TRY_CONTEXT(GetString(metadata, "model_version"), kMetadataFile);
  baseline.created_at =
      TRY_CONTEXT(ParseTime(TRY_CONTEXT(GetString(metadata, "created_at"), kMetadataFile)), kMetadataFile);
  baseline.source = TRY_CONTEXT(GetString(metadata, "source"), kMetadataFile);
  baseline.data_path = TRY_CONTEXT(GetString(metadata, "data_path"), kMetadataFile);
  baseline.notes = TRY_CONTEXT(GetString(metadata, "notes"), kMetadataFile);
  baseline.n_samples = TRY_CONTEXT(GetCount(metadata, "n_samples"), kMetadataFile);
  baseline.threshold = TRY_CONTEXT(GetNumber(metadata, "threshold"), kMetadataFile);
  for (const auto& [name, profile] : features.items()) {
    baseline.features.push_back(TRY_CONTEXT(ProfileFromJson(name, profile), std::string(kFeatureFile) + ": " + name));
  }
  ScoreProfile& own = baseline.scores;
  own.count = TRY_CONTEXT(GetCount(scores, "count"), kScoreFile);
  own.stats = TRY_CONTEXT(StatsFromJson(scores), kScoreFile);
  own.positive_rate_at_half = TRY_CONTEXT(GetNumber(scores, "positive_rate"), kScoreFile);
  own.positive_rate = TRY_CONTEXT(GetNumber(scores, "positive_rate_at_threshold"), kScoreFile);
  const Json& histogram = *TRY_CONTEXT(GetObject(scores, "histogram"), kScoreFile);
  const Json& counts = *TRY_CONTEXT(GetArray(histogram, "counts"), kScoreFile);
  if (counts.size() != kScoreHistogramBins) {
    return Error(Code::kInvalidArgument, std::string(kScoreFile) + ": the histogram must have 20 counts");
  }
  for (size_t i = 0; i < kScoreHistogramBins; ++i) {
    if (!counts[i].is_number_unsigned()) {
      return Error(Code::kInvalidArgument, std::string(kScoreFile) + ": the histogram must hold counts");
    }
    own.histogram[i] = counts[i].get<uint64_t>();
  }
  CountedBins counted = TRY_CONTEXT(BinsFromJson(*TRY_CONTEXT(GetObject(scores, "bins"), kScoreFile)), kScoreFile);
  if (counted.bins.kind == BinKind::kLevels) {
    return Error(Code::kInvalidArgument, std::string(kScoreFile) + ": scores are numbers");
  }
  own.bins = std::move(counted.bins);
  own.counts = std::move(counted.counts);
  return baseline;
}

Status WriteBaseline(Files& files, const std::string& folder, const Baseline& baseline) {
  const std::string features = PrettyJson(FeatureProfileJson(baseline));
  const std::string scores = PrettyJson(ScoreProfileJson(baseline));
  Json metadata = MetadataJson(baseline);
  metadata["hashes"] = {{kFeatureFile, Sha256Hex(features)}, {kScoreFile, Sha256Hex(scores)}};
  TRY(files.Write(JoinPath(folder, kFeatureFile), features));
  TRY(files.Write(JoinPath(folder, kScoreFile), scores));
  return files.Write(JoinPath(folder, kMetadataFile), PrettyJson(metadata));
}

Result<Baseline> ReadBaseline(const Files& files, const std::string& folder) {
  const std::string metadata_path = JoinPath(folder, kMetadataFile);
  const Json metadata = TRY_CONTEXT(ParseJson(TRY(files.Read(metadata_path))), metadata_path);
  Json parts[2];
  const char* names[2] = {kFeatureFile, kScoreFile};
  for (size_t i = 0; i < 2; ++i) {
    const std::string path = JoinPath(folder, names[i]);
    const std::string text = TRY(files.Read(path));
    // A rebuild that was interrupted leaves files of two baselines.
    if (metadata.contains("hashes") && metadata["hashes"].value(names[i], "") != Sha256Hex(text)) {
      return Error(Code::kDataLoss, path + " does not belong to this baseline: build it again");
    }
    parts[i] = TRY_CONTEXT(ParseJson(text), path);
  }
  return TRY_CONTEXT(BaselineFromJson(parts[0], parts[1], metadata), folder);
}

std::string BaselineFolder(const std::string& home, const std::string& version) {
  return JoinPath(home, "monitoring/baseline/" + version);
}

std::string RegisteredBaselineFolder(const std::string& home, const std::string& version) {
  return JoinPath(home, "models/registry/" + version + "/monitoring_baseline");
}

Result<Baseline> FindBaseline(const Files& files, const std::string& home, const std::string& version) {
  for (const std::string& folder : {BaselineFolder(home, version), RegisteredBaselineFolder(home, version)}) {
    if (!files.Exists(JoinPath(folder, kMetadataFile))) continue;
    Baseline baseline = TRY(ReadBaseline(files, folder));
    baseline.model_version = version;  // artifacts are registered under another name than they were trained with
    return baseline;
  }
  return Error(Code::kNotFound, "no baseline for model version '" + version +
                                    "': make one with `vigia baseline build --model-version " + version + "`");
}

}  // namespace vigia::baseline
