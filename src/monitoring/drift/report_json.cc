#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "drift/report.h"

namespace vigia::drift {

namespace {

Json Optional(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

std::string_view TypeName(baseline::FeatureType type) {
  switch (type) {
    case baseline::FeatureType::kNumeric: return "numeric";
    case baseline::FeatureType::kCategorical: return "categorical";
    case baseline::FeatureType::kUnknown: return "unknown";
  }
  CHECK(false, "unknown feature type");
}

Json BinsJson(const FeatureDrift& drift) {
  Json labels = Json::array();
  for (size_t slot = 0; slot < drift.bins.slots(); ++slot) labels.push_back(SlotLabel(drift.bins, slot));
  return {{"labels", labels}, {"baseline", drift.baseline_counts}, {"current", drift.current_counts}};
}

Json DetailsJson(const FeatureDrift& drift, double alpha) {
  Json details = {{"p_value", drift.psi.p_value},
                  {"adjusted_p_value", drift.psi_adjusted_p},
                  {"noise_threshold", drift.psi.noise_threshold},
                  {"beyond_noise", drift.psi_adjusted_p <= alpha},
                  {"missing_p_value", drift.missing_p},
                  {"missing_adjusted_p_value", drift.missing_adjusted_p},
                  {"missing_beyond_noise", drift.missing_adjusted_p <= alpha},
                  {"baseline_mean", Optional(drift.baseline_mean)},
                  {"current_mean", Optional(drift.current_mean)}};
  if (drift.baseline_mean && drift.current_mean) {
    details["delta_mean"] = *drift.current_mean - *drift.baseline_mean;
    details["delta_in_deviations"] = drift.baseline_std > 0
                                         ? Json((*drift.current_mean - *drift.baseline_mean) / drift.baseline_std)
                                         : Json(nullptr);
  }
  details["bins"] = BinsJson(drift);
  return details;
}

Json FeatureJson(const FeatureDrift& drift, double alpha) {
  return {{"psi", drift.psi.psi},
          {"baseline_missing_rate", drift.baseline_missing_rate},
          {"current_missing_rate", drift.current_missing_rate},
          {"missing_delta", drift.missing_delta()},
          {"status", StatusName(drift.status)},
          {"type", TypeName(drift.type)},
          {"details", DetailsJson(drift, alpha)}};
}

Json ScoreJson(const DriftReport& report) {
  const FeatureDrift& score = report.score;
  Json json = {{"psi", score.psi.psi},
               {"baseline_mean", Optional(score.baseline_mean)},
               {"current_mean", Optional(score.current_mean)},
               {"delta_mean", nullptr},
               {"status", StatusName(score.status)},
               {"baseline_positive_rate", report.baseline_positive_rate},
               {"current_positive_rate", report.current_positive_rate},
               {"details", DetailsJson(score, report.thresholds.alpha)}};
  if (score.baseline_mean && score.current_mean) json["delta_mean"] = *score.current_mean - *score.baseline_mean;
  return json;
}

// 23:59:59 → "235959".
std::string CompactTimeOfDay(WallTime time) {
  std::string text = FormatTime(time).substr(11, 8);
  std::erase(text, ':');
  return text;
}

}  // namespace

Json ToJson(const DriftReport& report) {
  const Thresholds& thresholds = report.thresholds;
  Json features = Json::object();
  for (const FeatureDrift* drift : report.WorstFirst()) features[drift->name] = FeatureJson(*drift, thresholds.alpha);
  Json json = {{"model_version", report.model_version},
               {"global_status", StatusName(report.global)},
               {"created_at", FormatTime(report.created_at)},
               {"baseline_created_at", FormatTime(report.baseline_created_at)},
               {"baseline_rows", report.baseline_rows},
               {"window_days", report.days},
               {"window_start", FormatTime(report.window.start)},
               {"window_end", FormatTime(report.window.end)},
               {"n_requests", report.requests},
               {"n_instances", report.instances}};
  if (report.global == DriftStatus::kNoData) {
    json["status"] = "no_data";
    json["message"] = "no predictions of this version in the window";
  }
  json["summary"] = {{"n_features", report.features.size()},
                     {"n_red", report.Count(DriftStatus::kRed)},
                     {"n_yellow", report.Count(DriftStatus::kYellow)},
                     {"n_green", report.Count(DriftStatus::kGreen)},
                     {"n_too_few_rows", report.Count(DriftStatus::kTooFewRows)},
                     {"n_no_baseline", report.Count(DriftStatus::kNoBaseline)}};
  json["score_drift"] = ScoreJson(report);
  json["feature_drift"] = features;
  json["thresholds_used"] = {{"feature_psi_warn", thresholds.feature_psi_yellow},
                             {"feature_psi_alert", thresholds.feature_psi_red},
                             {"score_psi_warn", thresholds.score_psi_yellow},
                             {"score_psi_alert", thresholds.score_psi_red},
                             {"missing_rate_delta_warn", thresholds.missing_delta_yellow},
                             {"missing_rate_delta_alert", thresholds.missing_delta_red},
                             {"alpha", thresholds.alpha},
                             {"correction", "holm"},
                             {"min_rows", thresholds.min_rows}};
  return json;
}

std::string ReportFolder(const std::string& home, const std::string& version) {
  return JoinPath(home, "monitoring/reports/" + version);
}

Result<ReportPaths> WriteReportFiles(Files& files, const std::string& folder, const std::string& kind,
                                     WallTime created_at, int days, const Json& metrics, const std::string& html) {
  const std::string metrics_name = kind + "_metrics_", html_name = kind + "_report_";
  const std::string date = FormatDateCompact(created_at);
  const std::string history = JoinPath(folder, "history");
  std::string kept = date + "_" + std::to_string(days) + "d_" + CompactTimeOfDay(created_at);
  // Two runs in one second: both stay.
  const std::string first = kept;
  for (int copy = 2; files.Exists(JoinPath(history, metrics_name + kept + ".json")); ++copy) {
    kept = first + "_" + std::to_string(copy);
  }
  const ReportPaths paths = {
      JoinPath(folder, metrics_name + date + ".json"), JoinPath(folder, html_name + date + ".html"),
      JoinPath(history, metrics_name + kept + ".json"), JoinPath(history, html_name + kept + ".html")};
  const std::string text = PrettyJson(metrics);
  TRY(files.Write(paths.kept_html, html));
  TRY(files.Write(paths.kept_metrics, text));
  TRY(files.Write(paths.html, html));
  TRY(files.Write(paths.metrics, text));
  return paths;
}

Result<ReportPaths> WriteReport(Files& files, const std::string& folder, const DriftReport& report) {
  return WriteReportFiles(files, folder, "drift", report.created_at, report.days, ToJson(report), ToHtml(report));
}

}  // namespace vigia::drift
