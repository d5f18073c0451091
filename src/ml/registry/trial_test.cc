#include "registry/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/mem_files.h"
#include "registry/registry.h"
#include "registry/testing/artifacts.h"

namespace vigia::registry {
namespace {

using ::testing::IsEmpty;

class TrialTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(testing::WriteArtifacts(files_, "artifacts", 5.0).ok());
    for (const char* version : {"v1.0.0", "v1.1.0"}) {
      ASSERT_TRUE(registry_.Register({version, "artifacts", "", "ana", "", ""}).ok());
    }
    ASSERT_TRUE(registry_.Register({"v1.2.0", "artifacts", "", "ana", "", "worse"}).ok());
  }
  void Promote(const std::string& version) {
    clock_.Advance(std::chrono::seconds(1));
    ASSERT_TRUE(registry_.Promote({version, "ana", ""}).ok());
  }

  FakeClock clock_{ParseTime("2026-11-20T10:00:00Z").value()};
  MemFiles files_{clock_};
  Registry registry_{{"registry"}, files_, clock_};
};

TEST_F(TrialTest, StartsAndEndsByName) {
  Promote("v1.0.0");
  ASSERT_TRUE(registry_.StartTrial(TrialKind::kCanary, {"v1.1.0", 5, "", "ana"}).ok());
  ASSERT_TRUE(registry_.StartTrial(TrialKind::kShadow, {"v1.2.0", 100, "", "ana"}).ok());
  Trials trials = ReadTrials(files_, "registry").value();
  EXPECT_EQ(trials.canary->version, "v1.1.0");
  EXPECT_EQ(trials.canary->percent, 5);
  EXPECT_EQ(trials.shadow->version, "v1.2.0");
  ASSERT_TRUE(registry_.EndTrial(TrialKind::kCanary, "ana").ok());
  trials = ReadTrials(files_, "registry").value();
  EXPECT_FALSE(trials.canary);
  EXPECT_TRUE(trials.shadow);
  EXPECT_THAT(registry_.Verify().value(), IsEmpty());
  EXPECT_EQ(registry_.ReadHistory()->entries.back().action, "canary_off");
}

TEST_F(TrialTest, PromoteAndRollbackEndThem) {
  Promote("v1.0.0");
  ASSERT_TRUE(registry_.StartTrial(TrialKind::kCanary, {"v1.1.0", 5, "", "ana"}).ok());
  Promote("v1.1.0");
  EXPECT_FALSE(ReadTrials(files_, "registry")->canary);
  ASSERT_TRUE(registry_.StartTrial(TrialKind::kShadow, {"v1.0.0", 100, "", "ana"}).ok());
  clock_.Advance(std::chrono::seconds(1));
  ASSERT_TRUE(registry_.Rollback({"", "ana", "x"}).ok());
  EXPECT_FALSE(ReadTrials(files_, "registry")->shadow);
}

TEST_F(TrialTest, RefusesWhatCannotBeTried) {
  const auto code = [&](const Trial& trial) {
    const auto started = registry_.StartTrial(TrialKind::kCanary, trial);
    EXPECT_FALSE(started.ok());
    return started.ok() ? Code::kInternal : started.error().code();
  };
  EXPECT_EQ(code({"v1.1.0", 5, "", "ana"}), Code::kFailedPrecondition);  // no champion
  Promote("v1.0.0");
  EXPECT_EQ(code({"v1.0.0", 5, "", "ana"}), Code::kFailedPrecondition);  // the champion
  EXPECT_EQ(code({"v1.2.0", 5, "", "ana"}), Code::kFailedPrecondition);  // rejected
  EXPECT_EQ(code({"v9.0.0", 5, "", "ana"}), Code::kNotFound);
  for (const double percent : {0.0, -1.0, 101.0}) {
    EXPECT_EQ(code({"v1.1.0", percent, "", "ana"}), Code::kInvalidArgument) << percent;
  }
  ASSERT_TRUE(files_.Write("registry/v1.1.0/model.json", "{}").ok());
  EXPECT_EQ(code({"v1.1.0", 5, "", "ana"}), Code::kDataLoss);
  EXPECT_FALSE(files_.Exists("registry/trials.json"));
  ASSERT_TRUE(files_.Write("registry/trials.json", "{").ok());
  EXPECT_EQ(ReadTrials(files_, "registry").error().code(), Code::kDataLoss);
}

}  // namespace
}  // namespace vigia::registry
