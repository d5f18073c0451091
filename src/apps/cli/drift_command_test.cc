#include "cli/drift_command.h"

#include "baseline/baseline.h"
#include "cli/monitoring_fixture.h"

namespace vigia::cli {
namespace {

using ::testing::HasSubstr;

class DriftCommandTest : public MonitoringCommandTest {};

TEST_F(DriftCommandTest, WithoutABaselineOneLineSaysWhatToDo) {
  EXPECT_EQ(RunWith({"drift", "report"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("vigia baseline build"));
}

TEST_F(DriftCommandTest, TheRunbooksDayAndWeek) {
  ASSERT_EQ(RunWith({"baseline", "build", "--model_version", "v1.1.0", "--source",
                     "data/processed/modeling_dataset.parquet"}),
            0)
      << err_.str();
  for (const char* name : {"feature_profile.json", "score_profile.json", "baseline_metadata.json"}) {
    EXPECT_TRUE(files_.Exists(Path("monitoring/baseline/v1.1.0/") + name)) << name;
  }
  EXPECT_EQ(FileJson("monitoring/baseline/v1.1.0/score_profile.json")["count"], 600);
  for (int day = 1; day < 7; ++day) StoreDay(day, 100, 0, "v1.1.0", static_cast<uint64_t>(day + 10));
  StoreDay(0, 500, 1.5);
  StoreDay(3, 300, 9, "v1.0.0");  // another version's rows count for nothing

  ASSERT_EQ(RunWith({"drift", "report", "--model_version", "v1.1.0", "--last_n_days", "7"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("v1.1.0: red  (1100 predictions in 7 days"));
  ASSERT_EQ(RunWith({"drift", "report", "--days", "1", "--json"}), 0) << err_.str();
  const Json day = OutJson();
  EXPECT_EQ(day["global_status"], "red");
  EXPECT_EQ(day["n_instances"], 500);
  EXPECT_EQ(day["feature_drift"]["ida"]["status"], "red");
  EXPECT_EQ(day["feature_drift"]["ieg"]["status"], "green");
  EXPECT_EQ(day["score_drift"]["status"], "red");
  EXPECT_EQ(FileJson("monitoring/reports/v1.1.0/drift_metrics_20261120.json")["window_days"], 1);
  EXPECT_EQ(FileJson("monitoring/reports/v1.1.0/history/drift_metrics_20261120_7d_103500.json")["n_instances"], 1100);
  EXPECT_THAT(files_.Read(Path("monitoring/reports/v1.1.0/drift_report_20261120.html")).value(), HasSubstr("CRÍTICO"));

  ASSERT_EQ(RunWith({"drift", "summary", "--json"}), 0);
  EXPECT_EQ(OutJson()["global_status"], "red");
  EXPECT_EQ(OutJson()["attention"]["ida"]["status"], "red");
  ASSERT_EQ(RunWith({"drift", "summary"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("ida: red"));
}

TEST_F(DriftCommandTest, GreenAndNoDataAlsoExitZero) {
  ASSERT_EQ(RunWith({"baseline", "build"}), 0) << err_.str();
  ASSERT_EQ(RunWith({"drift", "report"}), 0) << err_.str();
  EXPECT_EQ(FileJson("monitoring/reports/v1.1.0/drift_metrics_20261120.json")["global_status"], "no_data");
  StoreDay(0, 400, 0);
  ASSERT_EQ(RunWith({"drift", "report"}), 0) << err_.str();
  EXPECT_EQ(FileJson("monitoring/reports/v1.1.0/drift_metrics_20261120.json")["global_status"], "green");
}

TEST_F(DriftCommandTest, SummaryWithoutAReport) {
  ASSERT_EQ(RunWith({"drift", "summary", "--json"}), 0) << err_.str();
  EXPECT_EQ(OutJson()["global_status"], "no_report");
}

TEST_F(DriftCommandTest, AsEvidentlyCounts) {
  ASSERT_EQ(RunWith({"baseline", "build"}), 0) << err_.str();
  StoreDay(0, 500, 1.5);
  ASSERT_EQ(RunWith({"drift", "report", "--compat", "evidently", "--json"}), 0) << err_.str();
  const Json json = OutJson();
  EXPECT_EQ(json["number_of_columns"], 3);
  EXPECT_EQ(json["drift_by_columns"]["ida"]["drift_detected"], true);
  EXPECT_GT(json["drift_by_columns"]["risk_score"]["drift_score"].get<double>(), 0.1);
  EXPECT_EQ(json["dataset_drift"], true);
}

// The scores of a model's own training rows would show drift that is none.
TEST_F(DriftCommandTest, ARebuildOnTheTrainingRowsKeepsTheScoresOfUnseenRows) {
  ASSERT_EQ(RunWith({"baseline", "build"}), 0) << err_.str();
  const std::string registered = Path("models/registry/v1.1.0/monitoring_baseline/");
  baseline::Baseline trained = baseline::ReadBaseline(files_, Path("monitoring/baseline/v1.1.0")).value();
  trained.scores.stats.mean = 0.123;  // as training left it
  ASSERT_TRUE(baseline::WriteBaseline(files_, registered, trained).ok());
  ASSERT_EQ(RunWith({"baseline", "build"}), 0) << err_.str();
  EXPECT_EQ(FileJson("monitoring/baseline/v1.1.0/score_profile.json")["mean"], 0.123);
  // Other data: scored by the model.
  columnar::Frame other;
  other.Add("ida", columnar::Type::kNumber).AppendNumber(4);
  other.columns[0].AppendNumber(6);
  ASSERT_TRUE(columnar::WriteParquet(Path("other.parquet"), other).ok());
  ASSERT_EQ(RunWith({"baseline", "build", "--source", Path("other.parquet")}), 0) << err_.str();
  EXPECT_NE(FileJson("monitoring/baseline/v1.1.0/score_profile.json")["mean"], 0.123);
}

TEST_F(DriftCommandTest, BadArgumentsAreUsageErrors) {
  EXPECT_EQ(RunWith({"drift", "report", "--days", "0"}), 2);
  EXPECT_EQ(RunWith({"drift", "report", "--days", "-3"}), 2);
  EXPECT_EQ(RunWith({"drift", "report", "--compat", "other"}), 2);
  EXPECT_EQ(RunWith({"drift", "report", "--model-version", "../.."}), 1);
  EXPECT_EQ(RunWith({"drift", "report", "--model-version", "v9.9.9"}), 1);
  EXPECT_EQ(RunWith({"baseline", "build", "--source", "none.parquet"}), 1);
}

}  // namespace
}  // namespace vigia::cli
