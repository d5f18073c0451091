#include "features/spec.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <utility>

namespace vigia::features {

namespace {

// Names in model.json: never change.
constexpr std::array<std::pair<Operation, std::string_view>, 12> kOperationNames = {{
    {Operation::kIdentity, "identity"},
    {Operation::kOneHot, "one_hot"},
    {Operation::kMissing, "missing"},
    {Operation::kMean, "mean"},
    {Operation::kMin, "min"},
    {Operation::kMax, "max"},
    {Operation::kStd, "std"},
    {Operation::kRange, "range"},
    {Operation::kTenure, "tenure"},
    {Operation::kDifference, "difference"},
    {Operation::kCurrentLag, "current_lag"},
    {Operation::kLagIfRetained, "lag_if_retained"},
}};
constexpr std::array<std::pair<FeatureType, std::string_view>, 3> kTypeNames = {{
    {FeatureType::kNumber, "number"},
    {FeatureType::kInteger, "integer"},
    {FeatureType::kCategory, "category"},
}};

Error BadSpec(const std::string& what) { return Error(Code::kInvalidArgument, what); }

Status CheckKeys(const Json& object, std::initializer_list<std::string_view> known, const std::string& where) {
  if (!object.is_object()) return BadSpec(where + " is not an object");
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      return BadSpec(where + ": unknown key '" + key + "'");
  }
  return {};
}

template <typename Table>
Result<typename Table::value_type::first_type> FindByName(const Table& table, std::string_view name,
                                                          const std::string& what) {
  for (const auto& [value, known] : table) {
    if (known == name) return value;
  }
  return BadSpec(what + " '" + std::string(name) + "' is not known");
}

template <typename Table, typename Key>
std::string_view NameOf(const Table& table, Key key) {
  for (const auto& [value, name] : table) {
    if (value == key) return name;
  }
  return "";
}

Result<std::vector<std::string>> ReadStrings(const Json& object, const std::string& key) {
  std::vector<std::string> strings;
  for (const Json& item : *TRY(GetArray(object, key))) {
    if (!item.is_string()) return BadSpec("key '" + key + "' is not an array of strings");
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

Result<std::optional<double>> ReadOptional(const Json& object, const std::string& key) {
  if (!object.contains(key)) return std::optional<double>();
  return std::optional<double>(TRY(GetNumber(object, key)));
}

Result<RawFeature> ReadRaw(const Json& json) {
  RawFeature feature;
  feature.name = TRY(GetString(json, "name"));
  const std::string where = "raw feature '" + feature.name + "'";
  const std::string type = TRY_CONTEXT(GetString(json, "type"), where);
  feature.type = TRY_CONTEXT(FindByName(kTypeNames, type, "type"), where);
  if (json.contains("in_training")) feature.in_training = TRY_CONTEXT(GetBool(json, "in_training"), where);
  if (feature.type == FeatureType::kCategory) {
    TRY(CheckKeys(json, {"name", "type", "in_training", "levels"}, where));
    feature.levels = TRY_CONTEXT(ReadStrings(json, "levels"), where);
    const std::set<std::string_view> distinct(feature.levels.begin(), feature.levels.end());
    if (distinct.size() != feature.levels.size()) return BadSpec(where + ": a level comes twice");
    return feature;
  }
  TRY(CheckKeys(json, {"name", "type", "in_training", "min", "max", "seen_min", "seen_max"}, where));
  feature.min = TRY_CONTEXT(GetNumber(json, "min"), where);
  feature.max = TRY_CONTEXT(GetNumber(json, "max"), where);
  feature.seen_min = TRY_CONTEXT(GetNumber(json, "seen_min"), where);
  feature.seen_max = TRY_CONTEXT(GetNumber(json, "seen_max"), where);
  return feature;
}

Result<DerivedFeature> ReadInput(const Json& json, const FeatureSpec& spec) {
  DerivedFeature input;
  input.name = TRY(GetString(json, "name"));
  const std::string where = "input '" + input.name + "'";
  TRY(CheckKeys(json, {"name", "operation", "inputs", "level", "impute", "clip_low", "clip_high"}, where));
  const std::string operation = TRY_CONTEXT(GetString(json, "operation"), where);
  input.operation = TRY_CONTEXT(FindByName(kOperationNames, operation, "operation"), where);
  input.inputs = TRY_CONTEXT(ReadStrings(json, "inputs"), where);
  input.impute = TRY_CONTEXT(ReadOptional(json, "impute"), where);
  input.clip_low = TRY_CONTEXT(ReadOptional(json, "clip_low"), where);
  input.clip_high = TRY_CONTEXT(ReadOptional(json, "clip_high"), where);
  for (const std::string& name : input.inputs) {
    if (spec.FindRaw(name) < 0) return BadSpec(where + ": raw feature '" + name + "' is not known");
  }
  if (input.operation != Operation::kOneHot) {
    if (json.contains("level")) return BadSpec(where + ": only one_hot takes a level");
    return input;
  }
  input.level = TRY_CONTEXT(GetString(json, "level"), where);
  if (input.inputs.size() != 1) return BadSpec(where + ": one_hot takes one raw feature");
  const auto& levels = spec.raw[static_cast<size_t>(spec.FindRaw(input.inputs[0]))].levels;
  if (std::find(levels.begin(), levels.end(), input.level) == levels.end()) {
    return BadSpec(where + ": level '" + input.level + "' is not known");
  }
  return input;
}

}  // namespace

int FeatureSpec::FindRaw(std::string_view name) const {
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

std::string_view OperationName(Operation operation) { return NameOf(kOperationNames, operation); }

Json ToJson(const FeatureSpec& spec) {
  Json raw = Json::array();
  for (const RawFeature& feature : spec.raw) {
    Json item = {{"name", feature.name}, {"type", NameOf(kTypeNames, feature.type)}};
    if (!feature.in_training) item["in_training"] = false;
    if (feature.type == FeatureType::kCategory) {
      item["levels"] = feature.levels;
    } else {
      item["min"] = feature.min;
      item["max"] = feature.max;
      item["seen_min"] = feature.seen_min;
      item["seen_max"] = feature.seen_max;
    }
    raw.push_back(std::move(item));
  }
  Json inputs = Json::array();
  for (const DerivedFeature& input : spec.inputs) {
    Json item = {{"name", input.name}, {"operation", OperationName(input.operation)}, {"inputs", input.inputs}};
    if (input.operation == Operation::kOneHot) item["level"] = input.level;
    if (input.impute) item["impute"] = *input.impute;
    if (input.clip_low) item["clip_low"] = *input.clip_low;
    if (input.clip_high) item["clip_high"] = *input.clip_high;
    inputs.push_back(std::move(item));
  }
  return {{"reference_year", spec.reference_year}, {"raw", std::move(raw)}, {"inputs", std::move(inputs)}};
}

Result<FeatureSpec> FeatureSpecFromJson(const Json& json) {
  TRY(CheckKeys(json, {"reference_year", "raw", "inputs"}, "features"));
  FeatureSpec spec;
  const int64_t year = TRY(GetInteger(json, "reference_year"));
  if (year < 0 || year > 9999) return BadSpec("key 'reference_year' is not a year");
  spec.reference_year = static_cast<int>(year);
  for (const Json& item : *TRY(GetArray(json, "raw"))) {
    RawFeature feature = TRY(ReadRaw(item));
    if (spec.FindRaw(feature.name) >= 0) return BadSpec("raw feature '" + feature.name + "' comes twice");
    spec.raw.push_back(std::move(feature));
  }
  std::set<std::string> names;
  for (const Json& item : *TRY(GetArray(json, "inputs"))) {
    DerivedFeature input = TRY(ReadInput(item, spec));
    if (!names.insert(input.name).second) return BadSpec("input '" + input.name + "' comes twice");
    spec.inputs.push_back(std::move(input));
  }
  return spec;
}

}  // namespace vigia::features
