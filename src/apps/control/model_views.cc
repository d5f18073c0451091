#include "control/model_views.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "control/views.h"
#include "registry/history.h"
#include "registry/layout.h"
#include "registry/registry.h"
#include "registry/version.h"

namespace vigia::control {
namespace {

constexpr size_t kMostVersions = 200;
constexpr size_t kCurvePoints = 200;

// As many points as a picture shows, the first and the last among them.
Json Thinned(const Json& points) {
  if (!points.is_array() || points.size() <= kCurvePoints) return points;
  Json thin = Json::array();
  for (size_t i = 0; i < kCurvePoints; ++i) thin.push_back(points[i * (points.size() - 1) / (kCurvePoints - 1)]);
  return thin;
}

// metrics.json: {"validation_metrics": {"roc_auc": {"value", "ci95"}, …, "curves": {"roc", "calibration"}}}
Json FromMetrics(const Json& file) {
  const Json validation = MemberOrNull(file, "validation_metrics");
  Json metrics = Json::object(), bins = Json::array();
  if (validation.is_object()) {
    for (const auto& [name, value] : validation.items()) {
      if (value.is_object() && value.contains("value") && value.contains("ci95")) metrics[name] = value;
    }
  }
  const Json curves = MemberOrNull(validation, "curves");
  const Json calibration = MemberOrNull(curves, "calibration");
  if (calibration.is_array()) {
    for (const Json& bin : calibration) {
      bins.push_back({{"predicted", MemberOrNull(bin, "mean_score")},
                      {"observed", MemberOrNull(bin, "observed_rate")},
                      {"count", MemberOrNull(bin, "n")}});
    }
  }
  return {{"metrics", std::move(metrics)},
          {"threshold", MemberOrNull(file, "threshold")},
          {"estimator", MemberOrNull(file, "best_model")},
          {"calibration", {{"bins", std::move(bins)}}},
          {"roc", Thinned(MemberOrNull(curves, "roc"))}};
}

// model_metadata.json: what the version was made from.
Json FromMetadata(const Json& file) {
  Json lineage = Json::object();
  for (const char* key :
       {"seed", "target", "training_periods", "reference_year", "population_filter", "n_rows", "n_pupils", "base_rate",
        "feature_set", "calibration", "dataset_sha256", "parent_version", "model_family", "hyperparameters"}) {
    if (file.contains(key)) lineage[key] = file[key];
  }
  return {{"lineage", std::move(lineage)},
          {"threshold", MemberOrNull(MemberOrNull(file, "threshold_policy"), "threshold_value")}};
}

Json Field(const std::string& name, const Json& described) {
  const auto bound = [&](const char* seen, const char* allowed) {
    const Json value = MemberOrNull(described, seen);
    return value.is_null() ? MemberOrNull(described, allowed) : value;
  };
  return {{"name", name},
          {"type", MemberOrNull(described, "type")},
          {"values", MemberOrNull(described, "levels")},
          {"minimum", bound("seen_min", "min")},
          {"maximum", bound("seen_max", "max")},
          {"used", described.value("used", true)}};
}

Json FilesOf(const registry::Manifest& manifest, const Files& files, const std::string& folder) {
  Json list = Json::array();
  for (const auto& [path, hash] : manifest.hashes) {
    const auto bytes = files.Read(JoinPath(folder, path));
    list.push_back({{"name", path}, {"sha256", hash}, {"ok", bytes.ok() && Sha256Hex(*bytes) == hash}});
  }
  return list;
}

}  // namespace

ModelViews::ModelViews(const Files& files, std::string registry)
    : files_(files),
      registry_(std::move(registry)),
      metrics_(files, kMostVersions, FromMetrics),
      metadata_(files, kMostVersions, FromMetadata) {}

std::string ModelViews::PathOf(const std::string& version, const char* file) const {
  return JoinPath(JoinPath(registry_, version), file);
}

// A version without readable metrics is still a version.
Json ModelViews::View(const registry::Manifest& manifest, const std::string& champion) {
  const auto metrics = metrics_.Get(PathOf(manifest.version, "metrics.json"));
  const auto metadata = metadata_.Get(PathOf(manifest.version, "model_metadata.json"));
  Json lineage = metadata.ok() ? MemberOrNull(*metadata, "lineage") : Json::object();
  lineage["registered_by"] = manifest.registered_by;
  lineage["digest"] = manifest.Digest();
  const bool is_champion = manifest.version == champion;
  const auto status = is_champion                                             ? registry::VersionStatus::kChampion
                      : manifest.status == registry::VersionStatus::kChampion ? registry::VersionStatus::kRetired
                                                                              : manifest.status;
  const Json none;
  const Json& from = metrics.ok() ? *metrics : none;
  Json threshold = metadata.ok() ? MemberOrNull(*metadata, "threshold") : Json(nullptr);
  if (threshold.is_null()) threshold = MemberOrNull(from, "threshold");
  Json values = MemberOrNull(from, "metrics");
  if (!values.is_object()) values = Json::object();
  return {{"version", manifest.version},
          {"status", registry::StatusName(status)},
          {"champion", is_champion},
          {"created_at", TextOrNull(manifest.created_at)},
          {"promoted_at", TextOrNull(manifest.promoted_at)},
          {"notes", TextOrNull(manifest.notes.empty() ? manifest.rejection_reason : manifest.notes)},
          {"metrics", std::move(values)},
          {"threshold", std::move(threshold)},
          {"estimator", MemberOrNull(from, "estimator")},
          {"calibration", MemberOrNull(from, "calibration")},
          {"roc", MemberOrNull(from, "roc")},
          {"lineage", std::move(lineage)}};
}

Result<Json> ModelViews::All() {
  const auto champion = TRY(registry::ReadChampion(files_, registry_));
  std::vector<std::string> versions = TRY(registry::VersionFolders(files_, registry_));
  std::reverse(versions.begin(), versions.end());
  if (versions.size() > kMostVersions) versions.resize(kMostVersions);
  Json list = Json::array();
  for (const std::string& version : versions) {
    const auto manifest = registry::ReadManifest(files_, registry_, version);
    if (!manifest.ok()) continue;  // `vigia registry verify` names it
    Json view = View(*manifest, champion ? champion->version : "");
    view.erase("calibration");
    view.erase("roc");
    list.push_back(std::move(view));
  }
  return list;
}

Result<Json> ModelViews::One(const std::string& version) {
  TRY(registry::ParseVersion(version));  // before it becomes part of a path
  const auto champion = TRY(registry::ReadChampion(files_, registry_));
  const registry::Manifest manifest = TRY(registry::ReadManifest(files_, registry_, version));
  Json view = View(manifest, champion ? champion->version : "");
  view["files"] = FilesOf(manifest, files_, JoinPath(registry_, version));
  return view;
}

Result<Json> ModelViews::History(size_t limit) const {
  const registry::History history = TRY(registry::ReadHistory(files_, registry_));
  Json list = Json::array();
  for (auto entry = history.entries.rbegin(); entry != history.entries.rend() && list.size() < limit; ++entry) {
    list.push_back({{"at", entry->at},
                    {"by", entry->by},
                    {"action", entry->action},
                    {"version", entry->version},
                    {"from", entry->from},
                    {"to", entry->to},
                    {"reason", entry->reason}});
  }
  return list;
}

Result<Json> ModelViews::Signature() {
  const auto champion = TRY(registry::ReadChampion(files_, registry_));
  if (!champion) return Error(Code::kFailedPrecondition, "no version has been promoted yet");
  const std::string path = PathOf(champion->version, "model_signature.json");
  const Json file = TRY_CONTEXT(ParseJson(TRY(files_.Read(path))), path);
  const Json* schema = TRY(GetObject(file, "input_schema"));
  Json used = Json::array(), others = Json::array();
  for (const auto& [name, described] : schema->items()) {
    Json field = Field(name, described);
    (field["used"].get<bool>() ? used : others).push_back(std::move(field));
  }
  for (Json& field : others) used.push_back(std::move(field));
  const auto metadata = metadata_.Get(PathOf(champion->version, "model_metadata.json"));
  return Json{{"version", champion->version},
              {"threshold", metadata.ok() ? MemberOrNull(*metadata, "threshold") : Json(nullptr)},
              {"fields", std::move(used)}};
}

}  // namespace vigia::control
