#include "cli/retention_command.h"

#include "cli/monitoring_fixture.h"

namespace vigia::cli {
namespace {

using ::testing::HasSubstr;

class RetentionCommandTest : public MonitoringCommandTest {};

// The published tool never touched the parquet store.
TEST_F(RetentionCommandTest, TheRunbooksDryRunAndRealRun) {
  StoreDay(40, 10, 0);
  StoreDay(10, 10, 0);
  const std::string old = Path("monitoring/inference_store/inferences_2026-10-11.parquet");
  ASSERT_TRUE(files_.Exists(old));
  ASSERT_EQ(RunWith({"retention", "--dry-run", "--days", "30"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("inferences_2026-10-11.parquet\nWould remove 1 files"));
  EXPECT_TRUE(files_.Exists(old));
  ASSERT_EQ(RunWith({"retention", "--days", "30", "--include-logs", "--json", "--output-json", "run/retention.json"}),
            0)
      << err_.str();
  EXPECT_EQ(OutJson()["totals"]["removed_files"], 1);
  EXPECT_EQ(FileJson("run/retention.json")["dry_run"], false);
  EXPECT_FALSE(files_.Exists(old));
  EXPECT_TRUE(files_.Exists(Path("monitoring/inference_store/inferences_2026-11-10.parquet")));
  EXPECT_TRUE(files_.Exists(Path("models/registry/champion.json")));
}

TEST_F(RetentionCommandTest, TheEnvironmentSaysHowManyDays) {
  environment_ = {{"RETENTION_DAYS", "90"}};
  ASSERT_EQ(RunWith({"retention", "--dry-run", "--json"}), 0) << err_.str();
  EXPECT_EQ(OutJson()["retention_days"], 90);
  ASSERT_EQ(RunWith({"retention", "--dry-run", "--json", "--days", "7"}), 0) << err_.str();
  EXPECT_EQ(OutJson()["retention_days"], 7);
  for (const char* bad : {"0", "-1", "many", "1.5"}) {
    environment_["RETENTION_DAYS"] = bad;
    EXPECT_EQ(RunWith({"retention", "--dry-run"}), 1) << bad;
    EXPECT_THAT(err_.str(), HasSubstr("RETENTION_DAYS"));
  }
}

TEST_F(RetentionCommandTest, TheDefaultKeepsWhatLabelsMayStillComeFor) {
  StoreDay(119, 10, 0);
  StoreDay(122, 10, 0);
  ASSERT_EQ(RunWith({"retention", "--dry-run", "--json"}), 0) << err_.str();
  EXPECT_EQ(OutJson()["retention_days"], 120);
  EXPECT_EQ(OutJson()["totals"]["removed_files"], 1);
  EXPECT_TRUE(OutJson()["warnings"].empty());
  EXPECT_EQ(err_.str(), "");
  ASSERT_EQ(RunWith({"retention", "--days", "30", "--json"}), 0);  // as typed, but not unsaid
  EXPECT_EQ(OutJson()["totals"]["removed_files"], 2);
  EXPECT_EQ(OutJson()["warnings"].size(), 1U);
  EXPECT_THAT(err_.str(), HasSubstr("labels come about 90 days late"));
  ASSERT_EQ(RunWith({"retention", "--days", "30"}), 0);  // nothing left to warn of
  EXPECT_EQ(err_.str(), "");
}

TEST_F(RetentionCommandTest, DaysBelowOneAreUsageErrors) {
  EXPECT_EQ(RunWith({"retention", "--days", "0"}), 2);
  EXPECT_EQ(RunWith({"retention", "--days", "-5"}), 2);
}

}  // namespace
}  // namespace vigia::cli
