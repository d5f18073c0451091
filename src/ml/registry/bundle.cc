#include "registry/bundle.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/digest.h"
#include "registry/layout.h"
#include "registry/manifest.h"

namespace vigia::registry {

namespace {

constexpr double kMaxTolerance = 1e-3;  // above it a golden row would prove nothing

// Reads artifacts, with their hashes checked where a manifest has them.
class Reader {
 public:
  Reader(const Files& files, std::string folder, const Manifest* manifest)
      : files_(files), folder_(std::move(folder)), manifest_(manifest) {}

  Result<std::string> Bytes(const std::string& name) const {
    const std::string path = JoinPath(folder_, name);
    if (!files_.Exists(path))
      return Error(manifest_ == nullptr ? Code::kNotFound : Code::kDataLoss, path + ": missing");
    std::string bytes = TRY(files_.Read(path));
    if (manifest_ == nullptr) return bytes;
    const auto hash = manifest_->hashes.find(name);
    if (hash == manifest_->hashes.end()) return Error(Code::kDataLoss, path + ": is not in the manifest");
    if (Sha256Hex(bytes) != hash->second) return Error(Code::kDataLoss, path + ": SHA-256 differs from the manifest's");
    return bytes;
  }

  Result<Json> Object(const std::string& name) const {
    const std::string bytes = TRY(Bytes(name));
    auto json = TRY_CONTEXT(ParseJson(bytes), JoinPath(folder_, name));
    if (!json.is_object()) return Error(Code::kInvalidArgument, JoinPath(folder_, name) + ": not a JSON object");
    return json;
  }

  std::string Path(const std::string& name) const { return JoinPath(folder_, name); }

 private:
  const Files& files_;
  const std::string folder_;
  const Manifest* const manifest_;
};

Result<Bundle> Load(const Reader& reader) {
  Bundle bundle;
  const std::string text = TRY(reader.Bytes("model.json"));
  bundle.model = TRY_CONTEXT(scoring::Model::FromText(text), reader.Path("model.json"));
  bundle.threshold = bundle.model->threshold();
  bundle.metadata = TRY(reader.Object("model_metadata.json"));
  bundle.signature = TRY(reader.Object("model_signature.json"));
  bundle.metrics = TRY(reader.Object("metrics.json"));
  const Json golden = TRY(reader.Object("golden_rows.json"));
  TRY_CONTEXT(ReplayGoldenRows(*bundle.model, golden), reader.Path("golden_rows.json"));
  return bundle;
}

// A value of an instance as a raw value: a category by its level, null as missing.
Result<double> RawValue(const features::RawFeature& feature, const Json& value) {
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  if (value.is_number()) return value.get<double>();
  if (!value.is_string() || feature.type != features::FeatureType::kCategory) {
    return Error(Code::kDataLoss, feature.name + ": a value of the wrong type");
  }
  const auto level = std::find(feature.levels.begin(), feature.levels.end(), value.get<std::string>());
  return level == feature.levels.end() ? features::kUnseenLevel : static_cast<double>(level - feature.levels.begin());
}

const char* ScoreKey(const Json& row) { return row.is_object() && row.contains("risk_score") ? "risk_score" : "score"; }

// "raw": values in the model's order; or "instance": by name, absent ones missing.
Result<std::vector<double>> RawRow(const Json& row, const features::FeatureSpec& spec) {
  std::vector<double> values(spec.raw.size(), std::numeric_limits<double>::quiet_NaN());
  if (row.is_object() && row.contains("instance")) {
    const Json* instance = TRY(GetObject(row, "instance"));
    for (const auto& [name, value] : instance->items()) {
      const int index = spec.FindRaw(name);
      if (index < 0) return Error(Code::kDataLoss, "instance: has a feature that the model does not take");
      values[static_cast<size_t>(index)] = TRY(RawValue(spec.raw[static_cast<size_t>(index)], value));
    }
    return values;
  }
  const Json* raw = TRY(GetArray(row, "raw"));
  if (raw->size() != values.size()) {
    return Error(Code::kDataLoss,
                 "has " + std::to_string(raw->size()) + " values, the model takes " + std::to_string(values.size()));
  }
  for (size_t i = 0; i < values.size(); ++i) values[i] = TRY(RawValue(spec.raw[i], (*raw)[i]));
  return values;
}

}  // namespace

Status ReplayGoldenRows(const scoring::Model& model, const Json& golden) {
  const double tolerance = TRY(GetNumber(golden, "tolerance"));
  if (!(tolerance >= 0 && tolerance <= kMaxTolerance)) {
    return Error(Code::kDataLoss, "tolerance: must be 0 to 0.001");
  }
  const Json* rows = TRY(GetArray(golden, "rows"));
  if (rows->empty()) return Error(Code::kDataLoss, "there are no golden rows");
  std::vector<float> scratch(model.pipeline().input_width());
  for (size_t i = 0; i < rows->size(); ++i) {
    const std::string where = "row " + std::to_string(i);
    const auto raw = TRY_CONTEXT(RawRow((*rows)[i], model.pipeline().spec()), where);
    const int64_t year = TRY_CONTEXT(GetInteger((*rows)[i], "year"), where);
    const double expected = TRY_CONTEXT(GetNumber((*rows)[i], ScoreKey((*rows)[i])), where);
    const double score = model.Score(raw, static_cast<int>(year), scratch);
    if (!(std::abs(score - expected) <= tolerance)) {
      return Error(Code::kDataLoss, where + ": the model does not give the score that training recorded");
    }
  }
  return {};
}

Result<Bundle> LoadBundle(const Files& files, const std::string& registry, const std::string& version) {
  std::string wanted = version;
  if (wanted.empty() || wanted == "champion") {
    const auto champion = TRY(ReadChampion(files, registry));
    if (!champion.has_value()) return Error(Code::kNotFound, "registry " + registry + ": there is no champion yet");
    wanted = champion->version;
  }
  const Manifest manifest = TRY(ReadManifest(files, registry, wanted));
  Bundle bundle = TRY_CONTEXT(Load(Reader(files, JoinPath(registry, wanted), &manifest)), "version " + wanted);
  bundle.version = manifest.version;
  bundle.created_at = manifest.created_at;
  bundle.digest = manifest.Digest();
  return bundle;
}

Result<Bundle> LoadArtifacts(const Files& files, const std::string& folder) {
  return Load(Reader(files, folder, nullptr));
}

}  // namespace vigia::registry
