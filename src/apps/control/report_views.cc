#include "control/report_views.h"

#include "registry/layout.h"
#include "registry/manifest.h"
#include "registry/version.h"

namespace vigia::control {
namespace {

constexpr size_t kReportsKept = 4, kPointsKept = 400;

Json FeatureFrom(const std::string& name, const Json& from) {
  const Json details = MemberOrNull(from, "details");
  const Json bins = MemberOrNull(details, "bins");
  Json histogram = nullptr;
  if (bins.is_object()) {
    histogram = {{"labels", MemberOrNull(bins, "labels")},
                 {"baseline", MemberOrNull(bins, "baseline")},
                 {"current", MemberOrNull(bins, "current")}};
  }
  return {{"name", name},
          {"psi", MemberOrNull(from, "psi")},
          {"status", MemberOrNull(from, "status")},
          {"significant",
           MemberOrNull(details, "beyond_noise") == true || MemberOrNull(details, "missing_beyond_noise") == true},
          {"p_value", MemberOrNull(details, "adjusted_p_value")},
          {"noise_threshold", MemberOrNull(details, "noise_threshold")},
          {"missing_delta", MemberOrNull(from, "missing_delta")},
          {"baseline_mean", MemberOrNull(details, "baseline_mean")},
          {"current_mean", MemberOrNull(details, "current_mean")},
          {"histogram", std::move(histogram)}};
}

Json DriftFrom(const Json& report) {
  Json features = Json::array();  // the file has them worst first
  const Json from = MemberOrNull(report, "feature_drift");
  if (from.is_object()) {
    for (const auto& [name, feature] : from.items()) features.push_back(FeatureFrom(name, feature));
  }
  const Json score = MemberOrNull(report, "score_drift");
  return {{"model", MemberOrNull(report, "model_version")},
          {"window",
           {{"start", MemberOrNull(report, "window_start")},
            {"end", MemberOrNull(report, "window_end")},
            {"days", MemberOrNull(report, "window_days")}}},
          {"created_at", MemberOrNull(report, "created_at")},
          {"global_status", MemberOrNull(report, "global_status")},
          {"instances", MemberOrNull(report, "n_instances")},
          {"score", score.is_object() ? FeatureFrom("risk_score", score) : Json(nullptr)},
          {"features", std::move(features)}};
}

Json PointFrom(const Json& report) {
  Json features = Json::object();
  const Json from = MemberOrNull(report, "feature_drift");
  if (from.is_object()) {
    for (const auto& [name, feature] : from.items()) features[name] = MemberOrNull(feature, "psi");
  }
  return {{"at", MemberOrNull(report, "created_at")},
          {"version", MemberOrNull(report, "model_version")},
          {"global_status", MemberOrNull(report, "global_status")},
          {"score_psi", MemberOrNull(MemberOrNull(report, "score_drift"), "psi")},
          {"features", std::move(features)}};
}

// {"recall": 0.9, …} and {"recall": [0.8, 0.95], …} as {"recall": {"value", "ci95"}, …}
Json Together(const Json& values, const Json& intervals) {
  Json metrics = Json::object();
  if (!values.is_object()) return metrics;
  for (const auto& [name, value] : values.items()) {
    if (!value.is_number()) continue;
    metrics[name] = {{"value", value}, {"ci95", MemberOrNull(intervals, name.c_str())}};
  }
  return metrics;
}

Json PerformanceFrom(const Json& report) {
  const Json estimate = MemberOrNull(report, "estimate");
  Json alerts = Json::array();
  const Json from = MemberOrNull(report, "alerts");
  if (from.is_array()) {
    for (const Json& alert : from) alerts.push_back(alert.is_string() ? alert : Json(CompactJson(alert)));
  }
  return {{"model", MemberOrNull(report, "model_version")},
          {"status", MemberOrNull(report, "status")},
          {"days", MemberOrNull(report, "window_days")},
          {"computed_at", MemberOrNull(report, "computed_at")},
          {"samples", MemberOrNull(report, "n_samples")},
          {"positive_rate", MemberOrNull(report, "positive_rate")},
          {"measured", Together(MemberOrNull(report, "metrics"), MemberOrNull(report, "intervals"))},
          {"estimated", Together(MemberOrNull(estimate, "metrics"), MemberOrNull(estimate, "intervals"))},
          {"alerts", std::move(alerts)}};
}

const Json& None() {
  static const Json kNone = {{"model", nullptr}};
  return kNone;
}

}  // namespace

ReportViews::ReportViews(const Files& files, std::string home)
    : files_(files),
      home_(std::move(home)),
      drift_(files, kReportsKept, DriftFrom),
      points_(files, kPointsKept, PointFrom),
      performance_(files, kReportsKept, PerformanceFrom) {}

Result<std::string> ReportViews::Choose(const std::string& version) const {
  if (!version.empty()) {
    TRY(registry::ParseVersion(version));  // before it becomes part of a path
    return version;
  }
  const auto champion = TRY(registry::ReadChampion(files_, JoinPath(home_, "models/registry")));
  return champion ? champion->version : std::string();
}

std::vector<std::string> ReportViews::Reports(const std::string& version, const std::string& kind) const {
  std::vector<std::string> paths;
  if (version.empty()) return paths;
  const std::string folder = JoinPath(JoinPath(home_, "monitoring/reports"), version);
  const auto listed = files_.List(folder);
  if (!listed.ok()) return paths;  // no report yet
  for (const FileInfo& file : *listed) {
    if (!file.is_directory && file.name.starts_with(kind + "_metrics_") && file.name.ends_with(".json")) {
      paths.push_back(JoinPath(folder, file.name));
    }
  }
  return paths;
}

Result<Json> ReportViews::Drift(const std::string& version) {
  const auto paths = Reports(TRY(Choose(version)), "drift");
  return paths.empty() ? None() : TRY(drift_.Get(paths.back()));
}

Result<Json> ReportViews::DriftHistory(const std::string& version, int weeks, WallTime now) {
  const std::string oldest = FormatTime(now - std::chrono::hours(24 * 7 * weeks));
  Json points = Json::array();
  for (const std::string& path : Reports(TRY(Choose(version)), "drift")) {
    const auto point = points_.Get(path);
    if (!point.ok() || !(*point)["at"].is_string()) continue;  // a report that was damaged is no point
    if ((*point)["at"].get<std::string>() >= oldest) points.push_back(*point);
  }
  return points;
}

Result<Json> ReportViews::Performance(const std::string& version) {
  const auto paths = Reports(TRY(Choose(version)), "performance");
  return paths.empty() ? None() : TRY(performance_.Get(paths.back()));
}

}  // namespace vigia::control
