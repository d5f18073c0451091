#include "inference/schema.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/json.h"

namespace vigia::inference {

namespace {

Error Bad(std::string_view what) { return Error(Code::kInvalidArgument, "record schema: " + std::string(what)); }

Status CheckEdges(const FeatureColumn& feature) {
  if (feature.bin_edges.size() < 2 || feature.bin_edges.size() > 1000) {
    return Bad("feature '" + feature.name + "' needs 2 to 1000 bin edges");
  }
  for (size_t i = 0; i < feature.bin_edges.size(); ++i) {
    const bool rising = i == 0 || feature.bin_edges[i] > feature.bin_edges[i - 1];
    if (!std::isfinite(feature.bin_edges[i]) || !rising) {
      return Bad("bin edges of feature '" + feature.name + "' are not finite and rising");
    }
  }
  return {};
}

Result<std::vector<std::string>> ReadTexts(const Json& object, const std::string& key) {
  const Json* array = TRY(GetArray(object, key));
  std::vector<std::string> texts;
  for (const Json& item : *array) {
    if (!item.is_string()) return Bad("'" + key + "' holds something other than text");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

Result<FeatureColumn> ReadFeature(const Json& json) {
  if (!json.is_object()) return Bad("a feature is not an object");
  FeatureColumn feature;
  feature.name = TRY(GetString(json, "name"));
  const std::string type = TRY(GetString(json, "type"));
  if (type == "category") {
    feature.type = ValueType::kCategory;
    feature.levels = TRY(ReadTexts(json, "levels"));
  } else if (type != "number") {
    return Bad("unknown feature type");
  }
  if (json.contains("bin_edges")) {
    for (const Json& edge : *TRY(GetArray(json, "bin_edges"))) {
      if (!edge.is_number()) return Bad("a bin edge is not a number");
      feature.bin_edges.push_back(edge.get<double>());
    }
  }
  return feature;
}

}  // namespace

Status CheckSchema(const RecordSchema& schema) {
  if (schema.features.size() > kMaxFeatures) return Bad("too many features");
  std::set<std::string_view> names;
  for (const FeatureColumn& feature : schema.features) {
    if (feature.name.empty()) return Bad("a feature has no name");
    if (!names.insert(feature.name).second) return Bad("feature '" + feature.name + "' is there twice");
    const bool binned = schema.detail == ValueDetail::kBins && feature.type == ValueType::kNumber;
    if (binned || !feature.bin_edges.empty()) TRY(CheckEdges(feature));
    if (feature.levels.size() > 32767) return Bad("feature '" + feature.name + "' has too many levels");
  }
  return {};
}

std::string SchemaToText(const RecordSchema& schema) {
  Json features = Json::array();
  for (const FeatureColumn& feature : schema.features) {
    Json json = {{"name", feature.name}, {"type", feature.type == ValueType::kNumber ? "number" : "category"}};
    if (feature.type == ValueType::kCategory) json["levels"] = feature.levels;
    if (!feature.bin_edges.empty()) json["bin_edges"] = feature.bin_edges;
    features.push_back(std::move(json));
  }
  return CompactJson({{"model_version", schema.model_version},
                      {"detail", schema.detail == ValueDetail::kExact ? "exact" : "bins"},
                      {"features", std::move(features)}});
}

Result<RecordSchema> SchemaFromText(std::string_view text) {
  const Json json = TRY(ParseJson(text));
  if (!json.is_object()) return Bad("not an object");
  RecordSchema schema;
  schema.model_version = TRY(GetString(json, "model_version"));
  const std::string detail = TRY(GetString(json, "detail"));
  if (detail != "exact" && detail != "bins") return Bad("unknown detail");
  schema.detail = detail == "exact" ? ValueDetail::kExact : ValueDetail::kBins;
  for (const Json& feature : *TRY(GetArray(json, "features"))) schema.features.push_back(TRY(ReadFeature(feature)));
  TRY(CheckSchema(schema));
  return schema;
}

int16_t BinOf(double value, const std::vector<double>& edges) {
  if (std::isnan(value)) return kMissingBin;
  if (value == edges.back()) return static_cast<int16_t>(edges.size() - 1);
  const auto above = std::upper_bound(edges.begin(), edges.end(), value);
  return static_cast<int16_t>(above - edges.begin());
}

double BinMiddle(int16_t bin, const std::vector<double>& edges) {
  if (bin == kMissingBin) return std::numeric_limits<double>::quiet_NaN();
  const auto index = static_cast<size_t>(bin);
  if (index == 0) return edges[0] - (edges[1] - edges[0]) / 2;
  if (index == edges.size()) return edges[index - 1] + (edges[index - 1] - edges[index - 2]) / 2;
  return edges[index - 1] + (edges[index] - edges[index - 1]) / 2;
}

}  // namespace vigia::inference
