#include "risk/served_model.h"

#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "catalog/catalog.h"

namespace vigia::risk {

namespace {

constexpr std::array<std::string_view, 5> kToleratedIds = {"ra", "id", "nome", "estudante_id", "student_id"};

// The year of "fase_2023"; 0 when there is no such suffix.
int YearSuffix(std::string_view key) {
  if (key.size() < 6) return 0;
  const std::string_view tail = key.substr(key.size() - 5);
  if (tail[0] != '_' || (tail.substr(1, 2) != "19" && tail.substr(1, 2) != "20")) return 0;
  int year = 0;
  for (const char c : tail.substr(1)) {
    if (c < '0' || c > '9') return 0;
    year = year * 10 + (c - '0');
  }
  return year;
}

}  // namespace

std::string_view ThresholdSourceName(ThresholdSource source) {
  switch (source) {
    case ThresholdSource::kMetadata: return "metadata";
    case ThresholdSource::kEnvironment: return "environment";
    case ThresholdSource::kLive: return "live";
  }
  return "metadata";
}

ServedModel::ServedModel(ModelBundle bundle, Threshold threshold, WallTime loaded_at)
    : bundle_(std::move(bundle)), threshold_(threshold), loaded_at_(loaded_at) {
  for (const std::string_view id : kToleratedIds) names_[id] = {FeatureName::Kind::kTolerated};
  names_[catalog::kYear] = {FeatureName::Kind::kYear};
  for (size_t i = 0; i < spec().raw.size(); ++i) {
    names_[spec().raw[i].name] = {FeatureName::Kind::kFeature, static_cast<uint16_t>(i)};
  }
  metadata_body_ = MakeMetadataBody();
  AppendJsonString(version_json_, version());
}

FeatureName ServedModel::Resolve(std::string_view key) const {
  if (const auto exact = names_.find(key); exact != names_.end()) return exact->second;
  const int year = YearSuffix(key);
  if (year == 0) return {};
  const auto base = names_.find(key.substr(0, key.size() - 5));
  if (base == names_.end() || base->second.kind == FeatureName::Kind::kYear) return {};
  FeatureName name = base->second;
  if (name.kind == FeatureName::Kind::kFeature) name.year = year;
  return name;
}

double ServedModel::LevelCode(size_t feature, std::string_view level) const {
  const features::RawFeature& raw = spec().raw[feature];
  for (size_t code = 0; code < raw.levels.size(); ++code) {
    if (raw.levels[code] == level) return static_cast<double>(code);
  }
  if (const catalog::RawFeature* known = catalog::FindRaw(raw.name)) {
    for (const std::string_view other : known->levels) {
      if (other == level) return features::kUnseenLevel;
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::string ServedModel::MakeMetadataBody() const {
  Json body;
  body["model_version"] = version();
  body["model_family"] = model().family();
  body["threshold"] = threshold_.value;
  body["threshold_source"] = ThresholdSourceName(threshold_.source);
  body["expected_features"] = Json::array();
  for (const features::RawFeature& raw : spec().raw) body["expected_features"].push_back(raw.name);
  const std::string_view calibration = model().calibration_method();
  body["calibration"] = calibration == "none" ? Json(nullptr) : Json(calibration);
  const auto copy = [&](const char* key) {
    body[key] = bundle_.metadata.is_object() && bundle_.metadata.contains(key) ? bundle_.metadata[key] : Json(nullptr);
  };
  copy("created_at");
  body["reference_year"] = spec().reference_year;
  body["loaded_from"] = bundle_.origin;
  body["loaded_at"] = FormatTime(loaded_at_);
  return CompactJson(body);
}

}  // namespace vigia::risk
