#include "archive/compactor.h"

#include "archive/archive_metadata.h"
#include "archive/store_fixture.h"
#include "inference/segment_format.h"

namespace vigia::archive {
namespace {

using CompactorTest = StoreFixture;
using inference::Record;
using inference::RecordKind;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST_F(CompactorTest, ARecordBecomesARow) {
  const double features[] = {11, kNan};
  const uint64_t imputed[] = {2};
  Record record;
  record.schema = *writer_->UseSchema(PlainSchema("v1.2.0"));
  record.request_id = "abc123";
  record.instance_index = 3;
  record.time = kNoon + std::chrono::microseconds(5);
  record.features = features;
  record.imputed = imputed;
  record.score = 0.75;
  record.label = true;
  record.latency = std::chrono::microseconds(2500);
  AddRecord(record);
  const CompactReport report = CompactAll();
  EXPECT_EQ(report.records, 1U);
  EXPECT_EQ(report.segments, 1U);
  EXPECT_EQ(Parquet(), (std::vector<std::string>{"inferences_2026-11-20.parquet"}));
  const columnar::Frame row = Query("SELECT * FROM read_parquet('" + store_folder() + "/*.parquet')");
  std::vector<std::string> names;
  for (const columnar::Column& column : row.columns) names.push_back(column.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"schema_version", "timestamp", "date", "request_id", "instance_index", "kind",
                                      "model_version", "idade", "instituicao", "risk_score", "risk_label", "latency_ms",
                                      "imputed", "status", "error_code", "occurrences"}));
  ASSERT_EQ(row.rows(), 1U);
  EXPECT_EQ(row.Find("schema_version")->texts[0], "2.0.0");
  EXPECT_EQ(row.Find("timestamp")->integers[0], record.time.time_since_epoch().count());
  EXPECT_EQ(row.Find("date")->texts[0], "2026-11-20");
  EXPECT_EQ(row.Find("request_id")->texts[0], "abc123");
  EXPECT_EQ(row.Find("instance_index")->integers[0], 3);
  EXPECT_EQ(row.Find("kind")->texts[0], "prediction");
  EXPECT_EQ(row.Find("model_version")->texts[0], "v1.2.0");
  EXPECT_EQ(row.Find("idade")->numbers[0], 11);
  EXPECT_TRUE(row.Find("instituicao")->IsNull(0));
  EXPECT_EQ(row.Find("risk_score")->numbers[0], 0.75);
  EXPECT_EQ(row.Find("risk_label")->integers[0], 1);
  EXPECT_EQ(row.Find("latency_ms")->numbers[0], 2.5);
  EXPECT_EQ(row.Find("imputed")->texts[0], "instituicao");
  EXPECT_EQ(row.Find("status")->integers[0], 200);
  EXPECT_TRUE(row.Find("error_code")->IsNull(0));
}

TEST_F(CompactorTest, CategoriesAreTextAndUnseenOnesSaySo) {
  Add("a", 1, 1);
  Add("b", 1, inference::kUnseenCode);
  CompactAll();
  const columnar::Frame rows =
      Query("SELECT instituicao FROM read_parquet('" + store_folder() + "/*.parquet') ORDER BY request_id");
  EXPECT_EQ(rows.columns[0].texts, (std::vector<std::string>{"Privada", "__unseen__"}));
}

TEST_F(CompactorTest, RecordsGoToTheirOwnDay) {
  clock_.Advance(std::chrono::hours(11) + std::chrono::minutes(59) + std::chrono::seconds(59));
  Add("today");
  clock_.Advance(std::chrono::seconds(2));
  Add("tomorrow");
  CompactAll();
  EXPECT_EQ(Parquet(), (std::vector<std::string>{"inferences_2026-11-20.parquet", "inferences_2026-11-21.parquet"}));
  EXPECT_EQ(Counts("read_parquet('" + store_folder() + "/inferences_2026-11-21.parquet')"),
            (std::map<std::string, int64_t>{{"tomorrow", 1}}));
}

TEST_F(CompactorTest, ASegmentThatIsBeingWrittenIsLeftAlone) {
  Add("a");
  const auto report = Compact(settings_, database_, files_, entropy_, clock_.Now());
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->records, 0U);
  EXPECT_EQ(report->live_segments, 2U);
  EXPECT_TRUE(Parquet().empty());
  CompactAll();
  EXPECT_EQ(InParquet(), (std::map<std::string, int64_t>{{"a", 1}}));
}

TEST_F(CompactorTest, FilesOfADayAreMergedAndNothingIsCountedTwice) {
  std::map<std::string, int64_t> wanted;
  for (int i = 0; i < 40; ++i) {
    const std::string id = "r" + std::to_string(i);
    Add(id);
    wanted[id] = 1;
    CompactAll();
    ASSERT_LE(Parquet().size(), 9U);
  }
  EXPECT_EQ(InParquet(), wanted);
  clock_.Advance(std::chrono::hours(13));
  CompactAll();
  EXPECT_EQ(Parquet(), (std::vector<std::string>{"inferences_2026-11-20.parquet"}));
  EXPECT_EQ(InParquet(), wanted);
}

TEST_F(CompactorTest, VersionsWithOtherFeaturesShareADay) {
  Add("old", 10, 1);
  CompactAll();
  inference::RecordSchema schema = PlainSchema("v2.0.0");
  schema.features[0] = {"idade", inference::ValueType::kCategory, {"jovem"}, {}};  // was a number
  schema.features.push_back({"kind", inference::ValueType::kNumber, {}, {}});      // a name of ours
  const double features[] = {0, 0, 4};
  Record record;
  record.schema = *writer_->UseSchema(schema);
  record.request_id = "new";
  record.time = clock_.Now();
  record.features = features;
  AddRecord(record);
  CompactAll();
  clock_.Advance(std::chrono::hours(13));
  CompactAll();  // merges the two
  ASSERT_EQ(Parquet().size(), 1U);
  const columnar::Frame rows = Query("SELECT idade, feature_kind, kind FROM read_parquet('" + store_folder() +
                                     "/*.parquet') ORDER BY request_id");
  EXPECT_EQ(rows.columns[0].texts, (std::vector<std::string>{"jovem", "10.0"}));
  EXPECT_EQ(rows.columns[1].numbers[0], 4);
  EXPECT_TRUE(rows.columns[1].IsNull(1));
  EXPECT_EQ(rows.columns[2].texts[0], "prediction");
}

TEST_F(CompactorTest, RefusalsAreRowsWithoutFeatures) {
  Record record;
  record.kind = RecordKind::kRejected;
  record.request_id = "no";
  record.time = clock_.Now();
  record.status = 429;
  record.error_code = "RATE_LIMITED";
  record.occurrences = 12;
  AddRecord(record);
  CompactAll();
  const columnar::Frame row = Query("SELECT * FROM read_parquet('" + store_folder() + "/*.parquet')");
  EXPECT_EQ(row.Find("kind")->texts[0], "rejected");
  EXPECT_EQ(row.Find("error_code")->texts[0], "RATE_LIMITED");
  EXPECT_EQ(row.Find("occurrences")->integers[0], 12);
  EXPECT_TRUE(row.Find("risk_score")->IsNull(0));
  EXPECT_TRUE(row.Find("risk_label")->IsNull(0));
  EXPECT_TRUE(row.Find("model_version")->IsNull(0));
}

TEST_F(CompactorTest, BinnedValuesAreMarked) {
  inference::RecordSchema schema = PlainSchema();
  schema.detail = inference::ValueDetail::kBins;
  schema.features[0].bin_edges = {5, 10, 15};
  const double features[] = {6.25, 1};
  Record record;
  record.schema = *writer_->UseSchema(schema);
  record.time = clock_.Now();
  record.features = features;
  AddRecord(record);
  CompactAll();
  const columnar::Frame row = Query("SELECT * FROM read_parquet('" + store_folder() + "/*.parquet')");
  EXPECT_EQ(row.Find("schema_version")->texts[0], "2.0.0+bins");
  EXPECT_EQ(row.Find("idade")->numbers[0], 7.5);
  EXPECT_EQ(row.Find("instituicao")->texts[0], "Privada");
}

TEST_F(CompactorTest, ASegmentThatComesBackIsNotCountedAgain) {
  Add("a");
  Rotate();
  const std::string wal = inference::WalFolder(store_folder());
  std::string name, bytes;
  const std::vector<FileInfo> listing = *files_.List(wal);
  for (const FileInfo& info : listing) {
    if (info.size <= inference::kHeaderBytes) continue;
    name = info.name;
    bytes = *files_.Read(JoinPath(wal, name));
  }
  CompactAll();
  ASSERT_TRUE(files_.Write(JoinPath(wal, name), bytes).ok());
  EXPECT_EQ(CompactAll().records, 0U);
  EXPECT_FALSE(files_.Exists(JoinPath(wal, name)));
  EXPECT_EQ(InParquet(), (std::map<std::string, int64_t>{{"a", 1}}));
}

TEST_F(CompactorTest, DamageIsKeptAsideAndTheRestIsSaved) {
  for (int i = 0; i < 5; ++i) Add("r" + std::to_string(i));
  writer_.reset();
  const std::string wal = inference::WalFolder(store_folder());
  const std::vector<FileInfo> listing = *files_.List(wal);
  ASSERT_EQ(listing.size(), 1U);
  const std::string path = JoinPath(wal, listing[0].name);
  std::string bytes = *files_.Read(path);
  bytes[bytes.find("r2")] = 'X';
  ASSERT_TRUE(files_.Write(path, bytes + "torn").ok());
  ASSERT_TRUE(
      files_.Write(JoinPath(wal, "20261120T120000000000Z-" + std::string(32, 'f') + ".seg"), std::string(100, 'x'))
          .ok());
  const auto report = Compact(settings_, database_, files_, entropy_, clock_.Now());
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->damaged, 2U);
  EXPECT_EQ(InParquet(), (std::map<std::string, int64_t>{{"r0", 1}, {"r1", 1}, {"r3", 1}, {"r4", 1}}));
  EXPECT_TRUE(files_.Exists(path + ".damaged"));
  writer_ = store_->NewWriter();
}

TEST_F(CompactorTest, OneAtATime) {
  const auto lock = *files_.Lock(JoinPath(store_folder(), "compact.lock"));
  const auto report = Compact(settings_, database_, files_, entropy_, clock_.Now());
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code(), Code::kUnavailable);
}

TEST_F(CompactorTest, LittleMemoryMeansMoreFilesNotLoss) {
  settings_.batch_bytes = 1;
  std::map<std::string, int64_t> wanted;
  for (int i = 0; i < 6; ++i) {
    Add("r" + std::to_string(i));
    wanted["r" + std::to_string(i)] = 1;
    Rotate();
  }
  const CompactReport report = CompactAll();
  EXPECT_EQ(report.files_written, 6U);
  EXPECT_EQ(InParquet(), wanted);
}

}  // namespace
}  // namespace vigia::archive
