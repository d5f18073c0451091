#include "drift/report.h"

#include <gtest/gtest.h>

#include "base/mem_files.h"
#include "base/random.h"
#include "tabular/table.h"

namespace vigia::drift {
namespace {

const WallTime kReported = *ParseTime("2026-11-20T10:35:00Z");

baseline::Baseline BaselineToEscape() {
  Rng rng(1);
  tabular::Table table;
  std::vector<double> iaa, scores;
  std::vector<std::optional<std::string>> genero;
  for (int i = 0; i < 500; ++i) {
    iaa.push_back(5 + rng.Normal());
    genero.push_back(i % 3 == 0 ? "<b>Menina & \"co\"</b>" : "Menino");
    scores.push_back(rng.Uniform());
  }
  table.AddNumbers("iaa", iaa);
  table.AddCategories("genero", genero);
  baseline::BaselineSettings settings;
  settings.model_version = "v1.1.0";
  settings.features = {"genero", "iaa"};
  return *baseline::BuildBaseline(table, scores, settings);
}

// `times` the baseline itself; red when iaa is all in one bin.
DriftReport MakeReport(uint64_t times, DriftStatus wanted = DriftStatus::kGreen, int days = 7,
                       WallTime now = kReported) {
  const baseline::Baseline baseline = BaselineToEscape();
  WindowCounts window;
  window.window = LastDays(now, days);
  window.requests = window.instances = 500 * times;
  window.positives = 250 * times;
  for (const auto& profile : baseline.features) {
    SlotCounts counts{profile.counts, std::nullopt};
    for (uint64_t& count : counts.counts) count *= times;
    window.features.push_back(counts);
  }
  window.scores.counts = baseline.scores.counts;
  for (uint64_t& count : window.scores.counts) count *= times;
  window.scores.mean = 0.5;
  if (wanted == DriftStatus::kRed) {
    auto& counts = window.features[1].counts;
    std::fill(counts.begin(), counts.end(), 0);
    counts[0] = 500 * times;
    window.features[1].mean = 3.5;
  }
  DriftReport report = Assess(baseline, window, {}, days, now);
  EXPECT_EQ(report.global, times == 0 ? DriftStatus::kNoData : wanted);
  return report;
}

TEST(ReportTest, TheFieldsThatPeopleKnow) {
  const Json json = ToJson(MakeReport(4, DriftStatus::kRed));
  for (const char* key :
       {"model_version", "baseline_created_at", "window_start", "window_end", "n_requests", "n_instances",
        "global_status", "feature_drift", "score_drift", "summary", "thresholds_used"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["global_status"], "red");
  EXPECT_EQ(json["window_start"], "2026-11-13T10:35:00.000000Z");
  EXPECT_EQ(json["summary"]["n_red"], 1);
  EXPECT_EQ(json["summary"]["n_green"], 1);
  EXPECT_EQ(json["feature_drift"].begin().key(), "iaa");  // worst first
  const Json& iaa = json["feature_drift"]["iaa"];
  for (const char* key :
       {"psi", "baseline_missing_rate", "current_missing_rate", "missing_delta", "status", "type", "details"}) {
    EXPECT_TRUE(iaa.contains(key)) << key;
  }
  EXPECT_EQ(iaa["details"]["beyond_noise"], true);
  EXPECT_LT(iaa["details"]["p_value"].get<double>(), 0.001);
  EXPECT_GT(iaa["details"]["noise_threshold"].get<double>(), 0);
  EXPECT_NEAR(iaa["details"]["delta_in_deviations"].get<double>(), -1.5, 0.2);
  EXPECT_EQ(iaa["details"]["bins"]["labels"].size(), iaa["details"]["bins"]["current"].size());
  for (const char* key : {"psi", "baseline_mean", "current_mean", "delta_mean", "status"}) {
    EXPECT_TRUE(json["score_drift"].contains(key)) << key;
  }
}

// The published tool's no-data report had no global_status, and the runbook's trend said "unknown".
TEST(ReportTest, GlobalStatusIsAlwaysThere) {
  const Json json = ToJson(MakeReport(0));
  EXPECT_EQ(json["global_status"], "no_data");
  EXPECT_EQ(json["status"], "no_data");
  EXPECT_TRUE(json.contains("window_start"));
}

TEST(ReportTest, ThePageShowsWhatMatters) {
  const std::string html = ToHtml(MakeReport(4, DriftStatus::kRed));
  for (const char* text :
       {"v1.1.0", "iaa", "genero", "CRÍTICO", "critical", "--red:#cf222e", "class=\"badge red\"", "What to do next",
        "O que fazer", "viewport", "prefers-color-scheme:dark", "<svg", "ausentes", "2026-11-13"}) {
    EXPECT_NE(html.find(text), std::string::npos) << text;
  }
  EXPECT_LT(html.find("<h3>iaa"), html.find("<h3>genero"));
  // Nothing from elsewhere, nothing that runs, nothing unescaped.
  for (const char* text : {"http://", "https://", "<script", "src=", "<b>Menina"}) {
    EXPECT_EQ(html.find(text), std::string::npos) << text;
  }
}

TEST(ReportTest, ThePageIsAsSmallForAnyWindow) {
  const size_t small = ToHtml(MakeReport(1)).size();
  const size_t large = ToHtml(MakeReport(20000)).size();
  EXPECT_LT(large, 60000u);
  EXPECT_NEAR(static_cast<double>(large), static_cast<double>(small), 500);
}

TEST(ReportTest, EveryStatusHasAPage) {
  EXPECT_NE(ToHtml(MakeReport(0)).find("SEM DADOS"), std::string::npos);
  EXPECT_NE(ToHtml(MakeReport(1)).find("ESTÁVEL"), std::string::npos);
}

// The published tool's daily and weekly runs of one date overwrote each other.
TEST(ReportTest, NothingIsLost) {
  FakeClock clock(kReported);
  MemFiles files(clock);
  const std::string folder = ReportFolder("home", "v1.1.0");
  const ReportPaths week = *WriteReport(files, folder, MakeReport(2, DriftStatus::kGreen, 7));
  const ReportPaths day = *WriteReport(files, folder, MakeReport(1, DriftStatus::kRed, 1));
  const ReportPaths again = *WriteReport(files, folder, MakeReport(1, DriftStatus::kGreen, 1));
  EXPECT_EQ(week.metrics, "home/monitoring/reports/v1.1.0/drift_metrics_20261120.json");
  EXPECT_EQ(week.html, "home/monitoring/reports/v1.1.0/drift_report_20261120.html");
  EXPECT_EQ(day.metrics, week.metrics);
  EXPECT_EQ(week.kept_metrics, folder + "/history/drift_metrics_20261120_7d_103500.json");
  EXPECT_NE(day.kept_metrics, again.kept_metrics);
  EXPECT_EQ((*ParseJson(*files.Read(week.kept_metrics)))["window_days"], 7);
  EXPECT_EQ((*ParseJson(*files.Read(day.kept_metrics)))["global_status"], "red");
  EXPECT_EQ((*ParseJson(*files.Read(day.metrics)))["global_status"], "green");  // the latest
  // What the runbook's trend lists: one file of the date.
  int listed = 0;
  const std::vector<FileInfo> listing = *files.List(folder);
  for (const FileInfo& info : listing) listed += info.name.starts_with("drift_metrics_") ? 1 : 0;
  EXPECT_EQ(listed, 1);
}

}  // namespace
}  // namespace vigia::drift
