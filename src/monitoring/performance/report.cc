#include "performance/report.h"

#include <fmt/format.h>

#include "base/text.h"
#include "drift/page.h"

namespace vigia::performance {

namespace {

Json Optional(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json MetricsJson(const std::vector<MetricValue>& metrics) {
  Json json = Json::object();
  for (const MetricValue& metric : metrics) json[metric.name] = Optional(metric.value);
  return json;
}

Json IntervalsJson(const std::vector<MetricValue>& metrics) {
  Json json = Json::object();
  for (const MetricValue& metric : metrics) json[metric.name] = {Optional(metric.low), Optional(metric.high)};
  return json;
}

std::string AlertText(const Alert& alert) {
  return fmt::format("{} {:.3f} < {:.2f}{}", alert.metric, alert.value, alert.limit,
                     alert.certain ? "" : " (the interval reaches the limit)");
}

Json EstimateJson(const Estimated& estimated) {
  if (estimated.n == 0) return nullptr;
  return {{"is_estimate", true},
          {"method", kEstimateMethod},
          {"citation", kEstimateCitation},
          {"assumes", "calibrated scores, and an unchanged relation between features and outcome"},
          {"n_predictions", estimated.n},
          {"expected_positive_rate", estimated.expected_positive_rate},
          {"metrics", MetricsJson(estimated.metrics)},
          {"intervals", IntervalsJson(estimated.metrics)}};
}

struct Words {
  std::string_view pt, en, colour;
};

Words StatusWords(Verdict status) {
  switch (status) {
    case Verdict::kGreen: return {"ESTÁVEL", "stable", "green"};
    case Verdict::kRed: return {"CRÍTICO", "critical", "red"};
    case Verdict::kInsufficientData: return {"POUCOS RÓTULOS", "too few labels", "grey"};
    case Verdict::kNoData: return {"SEM RÓTULOS", "no labels", "grey"};
  }
  CHECK(false, "unknown performance status");
}

std::string Row(const MetricValue& metric) {
  if (!metric.value) return fmt::format("<div class=\"head\"><b>{}</b><span>–</span></div>", metric.name);
  std::string row = fmt::format("<div class=\"head\"><b>{}</b><span>{:.3f}</span>", metric.name, *metric.value);
  if (metric.low && metric.high) {
    row += fmt::format("<span class=\"small\">95%: {:.3f} – {:.3f}</span>", *metric.low, *metric.high);
  }
  return row + "</div>";
}

std::string Advice(Verdict status) {
  using drift::Both;
  switch (status) {
    case Verdict::kRed:
      return Both("Confirme que os rótulos estão corretos; se estiverem, faça rollback ou retreine (`vigia retrain`).",
                  "Check that the labels are right; if they are, roll back or retrain (`vigia retrain`).");
    case Verdict::kGreen: return Both("Nada a fazer.", "Nothing to do.");
    case Verdict::kInsufficientData:
    case Verdict::kNoData:
      return Both("Acrescente rótulos com `vigia labels import --file F`; até lá vale a estimativa abaixo.",
                  "Add labels with `vigia labels import --file F`; until then there is the estimate below.");
  }
  CHECK(false, "unknown performance status");
}

}  // namespace

Json ToJson(const PerformanceReport& report) {
  const Measured& measured = report.measured;
  Json alerts = Json::array(), details = Json::array();
  for (const Alert& alert : measured.alerts) {
    alerts.push_back(AlertText(alert));
    details.push_back(
        {{"metric", alert.metric}, {"value", alert.value}, {"limit", alert.limit}, {"certain", alert.certain}});
  }
  const double n = static_cast<double>(measured.n);
  return {{"status", StatusName(measured.status)},
          {"model_version", report.model_version},
          {"computed_at", FormatTime(report.created_at)},
          {"window_days", report.days},
          {"window_start", FormatTime(report.start)},
          {"window_end", FormatTime(report.end)},
          {"n_samples", measured.n},
          {"n_positive", measured.positives},
          {"positive_rate", measured.n == 0 ? Json(nullptr) : Json(static_cast<double>(measured.positives) / n)},
          {"metrics", MetricsJson(measured.metrics)},
          {"intervals", IntervalsJson(measured.metrics)},
          {"alerts", alerts},
          {"alert_details", details},
          {"labels",
           {{"stored", report.stored_labels},
            {"joined", measured.n},
            {"outside_window", report.outside},
            {"without_prediction", report.unmatched},
            {"ambiguous", report.ambiguous},
            {"corrected", report.corrected},
            {"bad_lines", report.bad_lines}}},
          {"estimate", EstimateJson(report.estimated)},
          {"thresholds_used",
           {{"recall", report.limits.recall},
            {"precision", report.limits.precision},
            {"roc_auc", report.limits.roc_auc},
            {"min_samples", report.limits.min_rows}}}};
}

std::string ToHtml(const PerformanceReport& report) {
  using drift::Both, drift::Fact;
  const Measured& measured = report.measured;
  const Words words = StatusWords(measured.status);
  std::string html = drift::PageHead("Performance " + report.model_version);
  html += "<h1>Relatório de desempenho <span class=\"en\">Performance report</span></h1>\n";
  html += fmt::format("<span class=\"badge {}\">{} · {}</span>\n<div class=\"card facts\">", words.colour, words.pt,
                      words.en);
  html += Fact("modelo · model", report.model_version);
  html += Fact("início · from (UTC)", FormatTime(report.start).substr(0, 16));
  html += Fact("fim · until (UTC)", FormatTime(report.end).substr(0, 16));
  html += Fact("com rótulo · labelled", fmt::format("{}", measured.n));
  html += Fact("positivos · positive", fmt::format("{}", measured.positives));
  html += Fact("sem previsão · without prediction", fmt::format("{}", report.unmatched));
  html += Fact("ambíguos · ambiguous", fmt::format("{}", report.ambiguous));
  html += "</div>\n<h2>O que fazer <span class=\"en\">What to do next</span></h2>\n<div class=\"card\">";
  for (const Alert& alert : measured.alerts) html += "<p>" + EscapeHtml(AlertText(alert)) + "</p>";
  html += Advice(measured.status) + "</div>\n";
  if (!measured.metrics.empty()) {
    html += "<h2>Medido com rótulos <span class=\"en\">Measured with labels</span></h2>\n<div class=\"card\">";
    for (const MetricValue& metric : measured.metrics) html += Row(metric);
    html += "</div>\n";
  }
  if (report.estimated.n > 0) {
    html += "<h2>Estimativa sem rótulos <span class=\"en\">Estimate without labels</span></h2>\n<div class=\"card\">";
    html += Both(
        fmt::format("Estimativa, não medida: esperada dos escores de {} previsões, se eles continuam calibrados.",
                    report.estimated.n),
        fmt::format("An estimate, not a measurement: expected from the scores of {} predictions, if they are still "
                    "calibrated.",
                    report.estimated.n));
    for (const MetricValue& metric : report.estimated.metrics) html += Row(metric);
    html += fmt::format("<p class=\"small\">{}: {}</p></div>\n", kEstimateMethod, EscapeHtml(kEstimateCitation));
  }
  return html + drift::PageFoot(report.created_at);
}

Result<drift::ReportPaths> WriteReport(Files& files, const std::string& folder, const PerformanceReport& report) {
  return drift::WriteReportFiles(files, folder, "performance", report.created_at, report.days, ToJson(report),
                                 ToHtml(report));
}

}  // namespace vigia::performance
