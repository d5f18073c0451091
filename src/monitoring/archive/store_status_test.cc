#include "archive/store_status.h"

#include "archive/export.h"
#include "archive/store_fixture.h"

namespace vigia::archive {
namespace {

using StoreStatusTest = StoreFixture;

TEST_F(StoreStatusTest, CountsParquetAndSegments) {
  Add("a");
  Add("b");
  CompactAll();
  Add("c");
  const auto status = ReadStoreStatus(database_, files_, store_folder());
  ASSERT_TRUE(status.ok()) << status.error().message();
  EXPECT_EQ(status->records, 3U);
  EXPECT_EQ(status->parquet_files, 1U);
  EXPECT_EQ(status->newest_file, "inferences_2026-11-20.parquet");
  EXPECT_EQ(status->oldest_date, "2026-11-20");
  EXPECT_EQ(status->segments, 1U);
  EXPECT_TRUE(status->oldest_segment.has_value());
}

TEST_F(StoreStatusTest, AMissingStoreIsEmpty) {
  const auto status = ReadStoreStatus(database_, files_, folder_.path() + "/nothing");
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->records, 0U);
}

TEST_F(StoreStatusTest, FlushWaitsForTheWriter) {
  Add("a");
  int pauses = 0;
  const auto report = Flush(settings_, database_, files_, entropy_, clock_, [&](Duration) {
    if (++pauses == 3) store_->Maintain();  // the helper thread of a serving process wakes up
  });
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report->compacted.records, 1U);
  EXPECT_EQ(report->still_open, 0U);
  EXPECT_EQ(pauses, 3);
  EXPECT_EQ(InParquet(), (std::map<std::string, int64_t>{{"a", 1}}));
}

TEST_F(StoreStatusTest, FlushGivesUpOnASilentWriter) {
  Add("a");
  const auto report = Flush(settings_, database_, files_, entropy_, clock_, [](Duration) {});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->still_open, 1U);
}

TEST_F(StoreStatusTest, ExportsEveryFormat) {
  Add("b\"quoted", 10.5, 1);
  CompactAll();
  clock_.Advance(Duration(7));
  Add("a", std::numeric_limits<double>::quiet_NaN(), 0);
  NoProgress progress;
  const auto scan = Scan();
  const auto write = [&](const std::string& name) {
    const std::string path = folder_.path() + "/out/" + name;
    const auto rows = Export(database_, files_, *scan, path, *ExportFormatOf(name), progress);
    EXPECT_TRUE(rows.ok()) << rows.error().message();
    EXPECT_EQ(*rows, 2U);
    return *files_.Read(path);
  };
  EXPECT_EQ(write("x.jsonl"),
            R"({"schema_version":"2.0.0","timestamp":"2026-11-20T12:00:00.000000Z","date":"2026-11-20",)"
            R"("request_id":"b\"quoted","instance_index":0,"kind":"prediction","model_version":"v1.0.0",)"
            R"("idade":10.5,"instituicao":"Privada","risk_score":0.25,"risk_label":0,"latency_ms":1.5,)"
            R"("imputed":null,"status":200,"error_code":null,"occurrences":1})"
            "\n"
            R"({"schema_version":"2.0.0","timestamp":"2026-11-20T12:00:00.000007Z","date":"2026-11-20",)"
            R"("request_id":"a","instance_index":0,"kind":"prediction","model_version":"v1.0.0",)"
            R"("idade":null,"instituicao":"Publica","risk_score":0.25,"risk_label":0,"latency_ms":1.5,)"
            R"("imputed":null,"status":200,"error_code":null,"occurrences":1})"
            "\n");
  EXPECT_EQ(write("x.csv").substr(0, 90),
            "schema_version,timestamp,date,request_id,instance_index,kind,model_version,idade,instituic");
  write("x.parquet");
  EXPECT_EQ(Query("SELECT request_id FROM '" + folder_.path() + "/out/x.parquet'").columns[0].texts,
            (std::vector<std::string>{"b\"quoted", "a"}));
  EXPECT_FALSE(ExportFormatOf("x.xlsx").ok());
}

}  // namespace
}  // namespace vigia::archive
