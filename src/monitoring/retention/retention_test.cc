#include "retention/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/mem_files.h"

namespace vigia::retention {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

const WallTime kNow = *ParseTime("2026-11-20T10:00:00Z");  // 30 days before: 2026-10-21T10:00

struct RetentionTest : testing::Test {
  FakeClock clock{kNow};
  MemFiles files{clock};

  void Put(const std::string& below, const std::string& text = "x") {
    ASSERT_TRUE(files.Write("home/" + below, text).ok());
  }
  // Written that many days ago.
  void PutAged(const std::string& below, int days_ago) {
    clock.JumpWall(-std::chrono::hours(24) * days_ago);
    Put(below);
    clock.JumpWall(std::chrono::hours(24) * days_ago);
  }
  std::vector<std::string> Planned(const Settings& settings = {30, Logs::kKeep}) {
    std::vector<std::string> paths;
    const Plan plan = *MakePlan(files, "home", settings, kNow);
    for (const Removal& removal : plan.removals) paths.push_back(removal.path);
    return paths;
  }
  std::set<std::string> Tree(const std::string& folder) {
    std::set<std::string> paths;
    const auto listing = files.List(folder);
    if (!listing.ok()) return paths;
    for (const FileInfo& info : *listing) {
      const std::string path = JoinPath(folder, info.name);
      if (info.is_directory) {
        paths.merge(Tree(path));
      } else {
        paths.insert(path);
      }
    }
    return paths;
  }
};

TEST_F(RetentionTest, ParquetByTheDateInItsName) {
  for (const char* name :
       {"inferences_2026-10-20.parquet", "inferences_2026-10-20_01.parquet", "inferences_2026-10-21.parquet",
        "inferences_2026-11-20.parquet", "inferences_2027-01-01.parquet", "inferences_2026-13-40.parquet",
        "inferences_2026-01-01.parquet.tmp", "inferences_2026-01-01_x.parquet", "inferences_2026-01-01.csv",
        "backup_2026-01-01.parquet", "compact.lock"}) {
    Put(std::string("monitoring/inference_store/") + name);
  }
  Put("monitoring/inference_store/.merge/inferences_2026-01-01.parquet");
  // 2026-10-21 is half older, half newer than the cutoff: it stays until all of it is old.
  EXPECT_THAT(Planned(), ElementsAre("monitoring/inference_store/inferences_2026-10-20.parquet",
                                     "monitoring/inference_store/inferences_2026-10-20_01.parquet"));
}

TEST_F(RetentionTest, SegmentsByAgeUnlessAServiceHoldsThem) {
  PutAged("monitoring/inference_store/wal/a.seg", 31);
  PutAged("monitoring/inference_store/wal/b.seg", 29);
  PutAged("monitoring/inference_store/wal/c.seg", 40);
  PutAged("monitoring/inference_store/wal/d.seg.damaged", 40);
  PutAged("monitoring/inference_store/wal/rotate.request", 40);
  const auto held = files.Lock("home/monitoring/inference_store/wal/c.seg");
  ASSERT_TRUE(held.ok());
  EXPECT_THAT(Planned(),
              ElementsAre("monitoring/inference_store/wal/a.seg", "monitoring/inference_store/wal/d.seg.damaged"));
  EXPECT_THAT(MakePlan(files, "home", {30, Logs::kKeep}, kNow)->in_use,
              ElementsAre("monitoring/inference_store/wal/c.seg"));
}

TEST_F(RetentionTest, ReportsButTheNewestAndNeverABaseline) {
  const std::string folder = "monitoring/reports/v1.1.0/";
  for (const char* name : {"drift_metrics_20260901.json", "drift_metrics_20260902.json", "drift_report_20260901.html",
                           "drift_report_20260902.html", "performance_metrics_20260101.json", "notes_20260101.json",
                           "drift_metrics_2026.json", "history/drift_metrics_20260901_7d_103500.json",
                           "history/drift_metrics_20261119_7d_103500.json"}) {
    Put(folder + name);
  }
  PutAged("monitoring/baseline/v1.1.0/feature_profile.json", 400);
  PutAged("models/registry/v1.1.0/model.json", 400);
  PutAged("data/processed/modeling_dataset.parquet", 400);
  EXPECT_THAT(Planned(),
              UnorderedElementsAre(folder + "drift_metrics_20260901.json", folder + "drift_report_20260901.html",
                                   folder + "history/drift_metrics_20260901_7d_103500.json"));
}

TEST_F(RetentionTest, RotatedLogsOnlyWhenAsked) {
  for (const char* name : {"app.1.log", "app.log.2", "app.log.3.gz", "app.log", "audit.1.log", "security.log"}) {
    PutAged(std::string("logs/") + name, 60);
  }
  PutAged("logs/app.4.log", 3);
  EXPECT_THAT(Planned(), ElementsAre());
  EXPECT_THAT(Planned({30, Logs::kRemove}),
              UnorderedElementsAre("logs/app.1.log", "logs/app.log.2", "logs/app.log.3.gz"));
}

// The published tool dropped UTC offsets, and lines that it could not read were in danger.
TEST_F(RetentionTest, LinesByTheirOwnTime) {
  const std::string text =
      "{\"timestamp\":\"2026-10-21T09:59:59Z\",\"request_id\":\"old\"}\n"
      "{\"timestamp\":\"2026-10-21T10:00:00Z\",\"request_id\":\"edge\"}\n"
      "{\"timestamp\":\"2026-10-21T12:30:00+02:00\",\"request_id\":\"offset-new\"}\n"
      "{\"timestamp\":\"2026-10-21T11:30:00+02:00\",\"request_id\":\"offset-old\"}\n"
      "{\"timestamp\":\"2026-01-01T00:00:00.123\",\"request_id\":\"naive-old\"}\n"
      "\n"
      "{\"request_id\":\"undated\"}\n"
      "{\"timestamp\":\"soon\"}\n"
      "not json\n"
      "{\"timestamp\":\"2027-01-01T00:00:00Z\",\"request_id\":\"future\"}\n"
      "{\"request_id\":\"torn";
  const SplitLines split = SplitByAge(text, kNow - std::chrono::hours(24 * 30));
  EXPECT_EQ(split.counts.total, 10u);
  EXPECT_EQ(split.counts.removed, 3u);
  EXPECT_EQ(split.counts.retained, 3u);
  EXPECT_EQ(split.counts.skipped, 4u);
  for (const char* gone : {"\"old\"", "offset-old", "naive-old"}) EXPECT_EQ(split.kept.find(gone), std::string::npos);
  for (const char* kept : {"edge", "offset-new", "undated", "soon", "not json", "future", "torn"}) {
    EXPECT_NE(split.kept.find(kept), std::string::npos) << kept;
  }
}

// The published tool took negative days, and then deleted also what was dated in the future.
TEST_F(RetentionTest, DaysBelowOneAreRefused) {
  for (const int days : {0, -1, -30}) {
    EXPECT_EQ(MakePlan(files, "home", {days, Logs::kKeep}, kNow).error().code(), Code::kInvalidArgument);
  }
}

TEST_F(RetentionTest, ADryRunListsExactlyWhatTheRealRunRemoves) {
  for (int day = 1; day <= 28; ++day) {
    const std::string two = (day < 10 ? "0" : "") + std::to_string(day);
    Put("monitoring/inference_store/inferences_2026-10-" + two + ".parquet");
    Put("monitoring/reports/v1/drift_metrics_202610" + two + ".json");
    PutAged("monitoring/inference_store/wal/s" + two + ".seg", day + 15);
    PutAged("logs/app." + std::to_string(day) + ".log", day + 15);
  }
  Put("monitoring/labels_store.jsonl",
      "{\"timestamp\":\"2026-01-01T00:00:00Z\"}\n{\"timestamp\":\"2026-11-01T00:00:00Z\"}\n");
  Put("monitoring/other.txt");
  const Settings settings = {30, Logs::kRemove};
  const std::set<std::string> before = Tree("home");
  const Plan plan = *MakePlan(files, "home", settings, kNow);
  EXPECT_EQ(Tree("home"), before);  // a dry run touches nothing
  const Json dry = ToJson(plan, settings, Run::kDry, {});
  const Outcome outcome = *Execute(files, "home", plan);
  EXPECT_TRUE(outcome.failed.empty());
  std::set<std::string> expected = before;
  for (const Removal& removal : plan.removals) expected.erase("home/" + removal.path);
  std::set<std::string> after = Tree("home");
  std::erase_if(after, [](const std::string& path) { return path.ends_with(".lock"); });
  EXPECT_EQ(after, expected);
  EXPECT_EQ(outcome.removed_files, plan.removals.size());
  EXPECT_EQ(outcome.removed_records, 1u);
  EXPECT_EQ(*files.Read("home/monitoring/labels_store.jsonl"), "{\"timestamp\":\"2026-11-01T00:00:00Z\"}\n");
  EXPECT_EQ(dry["totals"]["removed_files"], ToJson(plan, settings, Run::kReal, outcome)["totals"]["removed_files"]);
  EXPECT_TRUE(Planned(settings).empty());  // and once more removes nothing
}

TEST_F(RetentionTest, LinesAppendedMeanwhileStay) {
  Put("monitoring/labels_store.jsonl", "{\"timestamp\":\"2026-01-01T00:00:00Z\"}\n");
  const Plan plan = *MakePlan(files, "home", {30, Logs::kKeep}, kNow);
  ASSERT_TRUE(files.Append("home/monitoring/labels_store.jsonl", "{\"request_id\":\"new\"}\n", Files::Sync::kNo).ok());
  ASSERT_TRUE(Execute(files, "home", plan).ok());
  EXPECT_EQ(*files.Read("home/monitoring/labels_store.jsonl"), "{\"request_id\":\"new\"}\n");
}

TEST_F(RetentionTest, WaitsForTheOthers) {
  Put("monitoring/inference_store/inferences_2026-01-01.parquet");
  Put("monitoring/labels_store.jsonl", "{\"timestamp\":\"2026-01-01T00:00:00Z\"}\n");
  const Plan plan = *MakePlan(files, "home", {30, Logs::kKeep}, kNow);
  {
    const auto compaction = files.Lock("home/monitoring/inference_store/compact.lock");
    EXPECT_EQ(Execute(files, "home", plan).error().code(), Code::kUnavailable);
    EXPECT_TRUE(files.Exists("home/monitoring/inference_store/inferences_2026-01-01.parquet"));
  }
  const auto labels = files.Lock("home/monitoring/labels_store.jsonl.lock");
  const Outcome outcome = *Execute(files, "home", plan);
  EXPECT_EQ(outcome.removed_files, 1u);
  EXPECT_EQ(outcome.failed.size(), 1u);
}

TEST_F(RetentionTest, AnEmptyHome) {
  const Plan plan = *MakePlan(files, "home", {30, Logs::kRemove}, kNow);
  EXPECT_TRUE(plan.removals.empty() && plan.rewrites.empty());
  EXPECT_TRUE(Execute(files, "home", plan).ok());
}

TEST_F(RetentionTest, TheFieldsThatPeopleKnow) {
  Put("monitoring/labels_store.jsonl", "{\"timestamp\":\"2026-01-01T00:00:00Z\"}\n");
  const Json json = ToJson(*MakePlan(files, "home", {30, Logs::kKeep}, kNow), {30, Logs::kKeep}, Run::kDry, {});
  EXPECT_EQ(json["retention_days"], 30);
  EXPECT_EQ(json["cutoff_date"], "2026-10-21T10:00:00.000000Z");
  EXPECT_EQ(json["dry_run"], true);
  EXPECT_EQ(json["files"]["monitoring/labels_store.jsonl"]["removed"], 1);
  for (const char* key : {"total", "removed", "retained", "skipped"}) EXPECT_TRUE(json["totals"].contains(key)) << key;
  EXPECT_TRUE(json.contains("log_files"));
}

}  // namespace
}  // namespace vigia::retention
