#include "performance/report.h"

#include <gtest/gtest.h>

#include "base/mem_files.h"

namespace vigia::performance {
namespace {

PerformanceReport MakeReport(Verdict status) {
  PerformanceReport report;
  report.model_version = "v1.1.0";
  report.created_at = report.end = *ParseTime("2026-11-20T10:35:00Z");
  report.start = report.end - std::chrono::hours(24 * 30);
  report.days = 30;
  report.ambiguous = 2;
  report.measured.status = status;
  if (status == Verdict::kRed) {
    report.measured.n = 80;
    report.measured.positives = 20;
    report.measured.metrics = {{"recall", 0.6, 0.4, 0.8}, {"precision", std::nullopt, std::nullopt, std::nullopt}};
    report.measured.alerts = {{"recall", 0.6, 0.7, false}};
  }
  report.estimated.n = 1000;
  report.estimated.metrics = {{"recall", 0.8, 0.75, 0.85}};
  return report;
}

TEST(PerformanceReportTest, TheFieldsThatPeopleKnow) {
  const Json json = ToJson(MakeReport(Verdict::kRed));
  for (const char* key :
       {"status", "window_days", "n_samples", "n_positive", "positive_rate", "metrics", "alerts", "computed_at"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["status"], "red");
  EXPECT_EQ(json["positive_rate"], 0.25);
  EXPECT_EQ(json["metrics"]["recall"], 0.6);
  EXPECT_TRUE(json["metrics"]["precision"].is_null());
  EXPECT_EQ(json["intervals"]["recall"][0], 0.4);
  EXPECT_EQ(json["labels"]["ambiguous"], 2);
  EXPECT_EQ(json["alert_details"][0]["certain"], false);
}

TEST(PerformanceReportTest, TheEstimateIsMarkedAndCited) {
  const Json json = ToJson(MakeReport(Verdict::kNoData));
  EXPECT_EQ(json["status"], "no_data");
  EXPECT_EQ(json["estimate"]["is_estimate"], true);
  EXPECT_EQ(json["estimate"]["method"], "CBPE");
  EXPECT_NE(json["estimate"]["citation"].get<std::string>().find("2401.08348"), std::string::npos);
  const std::string html = ToHtml(MakeReport(Verdict::kNoData));
  EXPECT_NE(html.find("não medida"), std::string::npos);
  EXPECT_NE(html.find("An estimate, not a measurement"), std::string::npos);
  EXPECT_NE(html.find("NannyML"), std::string::npos);
}

TEST(PerformanceReportTest, FilesOfTheDateAndTheirHistory) {
  FakeClock clock(*ParseTime("2026-11-20T10:35:00Z"));
  MemFiles files(clock);
  const auto paths = *WriteReport(files, "r", MakeReport(Verdict::kRed));
  EXPECT_EQ(paths.metrics, "r/performance_metrics_20261120.json");
  EXPECT_EQ(paths.html, "r/performance_report_20261120.html");
  EXPECT_EQ(paths.kept_metrics, "r/history/performance_metrics_20261120_30d_103500.json");
  EXPECT_NE(files.Read(paths.html)->find("CRÍTICO"), std::string::npos);
}

}  // namespace
}  // namespace vigia::performance
