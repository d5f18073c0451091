#include "cli/performance_command.h"

#include "cli/monitoring_fixture.h"

namespace vigia::cli {
namespace {

using ::testing::HasSubstr;

class PerformanceCommandTest : public MonitoringCommandTest {};

TEST_F(PerformanceCommandTest, LabelsAreIdempotent) {
  ASSERT_EQ(RunWith({"labels", "add", "--request-id", "r0-1", "--label", "1"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "1 added, 0 corrected, 0 known already\n");
  const std::string before = files_.Read(Path("monitoring/labels_store.jsonl")).value();
  ASSERT_EQ(RunWith({"labels", "add", "--request", "r0-1", "--label", "1"}), 0);
  EXPECT_EQ(files_.Read(Path("monitoring/labels_store.jsonl")).value(), before);
  EXPECT_EQ(RunWith({"labels", "add", "--request-id", "r0-1", "--label", "2"}), 2);
  EXPECT_EQ(RunWith({"labels", "import", "--file", "none.csv"}), 1);
}

TEST_F(PerformanceCommandTest, NoLabelsButAnEstimate) {
  StoreDay(1, 300, 0);
  ASSERT_EQ(RunWith({"performance", "report", "--window", "30", "--json"}), 0) << err_.str();
  EXPECT_EQ(OutJson()["status"], "no_data");
  EXPECT_EQ(OutJson()["estimate"]["is_estimate"], true);
  EXPECT_EQ(OutJson()["estimate"]["n_predictions"], 300);
  EXPECT_EQ(FileJson("monitoring/reports/v1.1.0/performance_metrics_20261120.json")["status"], "no_data");
}

// The published tool never found the real store, and needed columns that it does not have.
TEST_F(PerformanceCommandTest, LateLabelsMeetTheirPredictions) {
  StoreDay(95, 200, 0);
  const auto stored = columnar::ReadParquet(Path("monitoring/inference_store/inferences_2026-08-17.parquet")).value();
  std::string csv = "request_id,label\n";
  for (size_t row = 0; row < stored.rows(); ++row) {
    csv += stored.Find("request_id")->texts[row] + (stored.Find("risk_label")->integers[row] == 1 ? ",1\n" : ",0\n");
  }
  ASSERT_TRUE(files_.Write(Path("labels.csv"), csv).ok());
  ASSERT_EQ(RunWith({"labels", "import", "--file", "labels.csv"}), 0) << err_.str();
  ASSERT_EQ(RunWith({"performance", "report", "--window", "30", "--json"}), 0) << err_.str();
  Json json = OutJson();
  EXPECT_EQ(json["status"], "green");
  EXPECT_EQ(json["n_samples"], 200);
  EXPECT_EQ(json["metrics"]["recall"], 1.0);
  EXPECT_EQ(json["metrics"]["precision"], 1.0);
  // A hand's blank line and two labels of a batch without an index change nothing of that.
  ASSERT_TRUE(files_
                  .Append(Path("monitoring/labels_store.jsonl"), "\n{\"request_id\": \"elsewhere\", \"label\": 1}\n",
                          Files::Sync::kNo)
                  .ok());
  ASSERT_EQ(RunWith({"performance", "report"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("v1.1.0: green  (200 labelled predictions in 30 days)"));
}

TEST_F(PerformanceCommandTest, WrongPredictionsAreRed) {
  StoreDay(2, 120, 0);
  std::string lines;
  for (int i = 0; i < 120; ++i) {
    lines += "{\"request_id\":\"r2-" + std::to_string(i) + "\",\"label\":" + std::to_string(i % 2) + "}\n";
  }
  ASSERT_TRUE(files_.Write(Path("labels.jsonl"), lines).ok());
  ASSERT_EQ(RunWith({"labels", "import", "--file", Path("labels.jsonl")}), 0) << err_.str();
  ASSERT_EQ(RunWith({"performance", "report", "--json"}), 0) << err_.str();
  EXPECT_EQ(OutJson()["status"], "red");
  EXPECT_FALSE(OutJson()["alerts"].empty());
}

}  // namespace
}  // namespace vigia::cli
