#include "archive/inference_scan.h"

#include <atomic>
#include <thread>

#include "archive/store_fixture.h"

namespace vigia::archive {
namespace {

using InferenceScanTest = StoreFixture;

TEST_F(InferenceScanTest, AnEmptyStoreIsAnEmptyRelation) {
  const auto scan = Scan();
  EXPECT_TRUE(Counts(scan->relation()).empty());
  EXPECT_TRUE(scan->HasColumn("risk_score"));
  EXPECT_FALSE(scan->HasColumn("idade"));
  writer_.reset();
  ASSERT_TRUE(files_.RemoveTree(store_folder()).ok());
  EXPECT_TRUE(Counts(Scan()->relation()).empty());
}

TEST_F(InferenceScanTest, ParquetAndSegmentsTogether) {
  Add("in parquet");
  CompactAll();
  Add("closed");
  Rotate();
  Add("live");
  const auto scan = Scan();
  EXPECT_EQ(Counts(scan->relation()), (Ids{{"closed", 1}, {"in parquet", 1}, {"live", 1}}));
  EXPECT_TRUE(scan->HasColumn("idade"));
  const columnar::Frame mean = Query("SELECT avg(idade) AS m FROM " + scan->relation());
  EXPECT_EQ(mean.columns[0].numbers[0], 10);
  // A snapshot: what comes later is not in it.
  Add("later");
  CompactAll();
  EXPECT_EQ(Counts(scan->relation()).size(), 3U);
  EXPECT_EQ(Counts(Scan()->relation()).size(), 4U);
}

TEST_F(InferenceScanTest, AnotherProgramsFileMayLackColumns) {
  ASSERT_TRUE(files_.MakeFolders(store_folder()).ok());
  const std::string path = JoinPath(store_folder(), "inferences_" + FormatDate(kNoon) + ".parquet");
  const std::string all =
      "SELECT TIMESTAMP '2026-01-01 12:00:00' AS \"timestamp\", 'theirs' AS request_id, 0 AS instance_index, "
      "'prediction' AS kind, 'v1.0.0' AS model_version, 0.5 AS risk_score, 11 AS idade";
  ASSERT_TRUE(database_.WriteQuery(all, {}, path, columnar::FileFormat::kParquet).ok());
  const auto scan = Scan();
  EXPECT_EQ(Counts(scan->relation()), (Ids{{"theirs", 1}}));
  const columnar::Frame label = Query("SELECT risk_label, imputed, idade FROM " + scan->relation());
  EXPECT_TRUE(label.columns[0].IsNull(0));
  EXPECT_TRUE(label.columns[1].IsNull(0));
  EXPECT_EQ(label.columns[2].integers[0], 11);
  const std::string some = "SELECT * EXCLUDE kind FROM (" + all + ")";
  ASSERT_TRUE(database_.WriteQuery(some, {}, path, columnar::FileFormat::kParquet).ok());
  ScanRequest request;
  request.store_folder = store_folder();
  const auto refused = ScanInferences(database_, files_, request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "inference store: its parquet files have no column 'kind'");
}

TEST_F(InferenceScanTest, WindowsAreHalfOpen) {
  Add("at noon");
  CompactAll();
  clock_.Advance(std::chrono::hours(1));
  Add("at one");
  const WallTime one = kNoon + std::chrono::hours(1);
  const auto in = [&](std::optional<WallTime> from, std::optional<WallTime> to) {
    ScanRequest request;
    request.from = from;
    request.to = to;
    return Counts(Scan(request)->relation());
  };
  EXPECT_EQ(in(kNoon, one), (Ids{{"at noon", 1}}));
  EXPECT_EQ(in(one, std::nullopt), (Ids{{"at one", 1}}));
  EXPECT_EQ(in(kNoon + Duration(1), one), Ids{});
  EXPECT_EQ(in(std::nullopt, std::nullopt).size(), 2U);
}

TEST_F(InferenceScanTest, VersionsAndKindsAreChosen) {
  Add("v1");
  CompactAll();
  const double features[] = {1, 0};
  inference::Record shadow;
  shadow.kind = inference::RecordKind::kShadow;
  shadow.schema = *writer_->UseSchema(PlainSchema("it's"));
  shadow.request_id = "shadow";
  shadow.time = clock_.Now();
  shadow.features = features;
  AddRecord(shadow);
  inference::Record refused;
  refused.kind = inference::RecordKind::kRejected;
  refused.request_id = "refused";
  refused.time = clock_.Now();
  refused.status = 422;
  AddRecord(refused);
  ScanRequest request;
  EXPECT_EQ(Counts(Scan(request)->relation()), (Ids{{"v1", 1}}));
  request.kinds = Kinds::kAll;
  EXPECT_EQ(Counts(Scan(request)->relation()).size(), 3U);
  request.kinds = Kinds::kRejected;
  EXPECT_EQ(Counts(Scan(request)->relation()), (Ids{{"refused", 1}}));
  request.kinds = Kinds::kShadows;
  request.model_version = "it's";
  EXPECT_EQ(Counts(Scan(request)->relation()), (Ids{{"shadow", 1}}));
  request.model_version = "v1.0.0";
  EXPECT_EQ(Counts(Scan(request)->relation()), Ids{});
}

TEST_F(InferenceScanTest, DaysOutsideTheWindowAreNotOpened) {
  Add("today");
  CompactAll();
  ASSERT_TRUE(files_.Write(JoinPath(store_folder(), "inferences_2026-11-19.parquet"), "not parquet").ok());
  ASSERT_TRUE(files_.Write(JoinPath(store_folder(), "inferences_2026-11-21.parquet"), "not parquet").ok());
  ScanRequest request;
  request.store_folder = store_folder();
  EXPECT_FALSE(ScanInferences(database_, files_, request).ok());
  request.from = kNoon - std::chrono::hours(1);
  request.to = kNoon + std::chrono::hours(1);
  EXPECT_EQ(Counts(Scan(request)->relation()), (Ids{{"today", 1}}));
}

TEST_F(InferenceScanTest, AnInterruptedMergeIsSeenOnce) {
  Add("a");
  CompactAll();
  Add("b");
  CompactAll();
  ASSERT_EQ(Parquet().size(), 2U);
  const std::string second = JoinPath(store_folder(), Parquet()[1]);
  const std::string bytes = *files_.Read(second);
  clock_.Advance(std::chrono::hours(13));
  CompactAll();
  ASSERT_EQ(Parquet().size(), 1U);
  ASSERT_TRUE(files_.Write(second, bytes).ok());  // as if it had been killed before removing it
  EXPECT_EQ(Counts(Scan()->relation()), (Ids{{"a", 1}, {"b", 1}}));
}

// Every scan sees each record exactly once while a compactor moves and merges.
TEST_F(InferenceScanTest, ScansRaceACompactor) {
  std::atomic<int> added{0};
  std::atomic<bool> done{false};
  std::thread compactor([&] {
    for (int i = 0; i < 40; ++i) {
      Add("r" + std::to_string(i));
      added.store(i + 1);
      if (i % 3 == 0) Rotate();
      CompactAll();
    }
    done.store(true);
  });
  int scans = 0;
  while (!done.load()) {
    const int before = added.load();
    const Ids ids = Counts(Scan()->relation());
    const int after = added.load();
    EXPECT_GE(static_cast<int>(ids.size()), before);
    EXPECT_LE(static_cast<int>(ids.size()), after + 1);
    for (const auto& [id, count] : ids) EXPECT_EQ(count, 1) << id;
    ++scans;
  }
  compactor.join();
  EXPECT_GT(scans, 0);
  EXPECT_EQ(Counts(Scan()->relation()).size(), 40U);
}

}  // namespace
}  // namespace vigia::archive
