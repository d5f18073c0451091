#include "control/programs.h"

#include <gtest/gtest.h>

#include "runbooks/system_runner.h"

namespace vigia::control {
namespace {

using std::chrono::seconds;

class ProgramsTest : public testing::Test {
 protected:
  ProgramsTest() : processes_([this](const ProcessRequest& request) { return answer_(request); }) {}

  static ProcessResult Ended(int code, std::string err = "") {
    ProcessResult result;
    result.code = code;
    result.err = std::move(err);
    return result;
  }

  FakeClock clock_{WallTime{seconds(1'000)}};
  FakeProcesses::Answer answer_ = [](const ProcessRequest&) { return Ended(0); };
  FakeProcesses processes_;
  OwnPrograms programs_{processes_, clock_, "/opt/vigia"};
};

TEST_F(ProgramsTest, OursIsRunFromItsFileAndAskedForProgress) {
  ProcessRequest request;
  request.arguments = {"vigia", "train"};
  ASSERT_TRUE(programs_.Run(request).ok());
  request.arguments = {"uptime"};
  ASSERT_TRUE(programs_.Run(request).ok());
  const auto asked = processes_.Requests();
  EXPECT_EQ(asked[0].arguments, (std::vector<std::string>{"/opt/vigia", "train"}));
  EXPECT_EQ(asked[0].environment.back(), (std::pair<std::string, std::string>("VIGIA_PROGRESS", "json")));
  EXPECT_TRUE(asked[1].environment.empty());
  ASSERT_EQ(programs_.Recent().size(), 1U);  // only ours are listed
  EXPECT_EQ(programs_.Recent()[0].command, (std::vector<std::string>{"vigia", "train"}));
}

TEST_F(ProgramsTest, TellsHowFarACommandHasCome) {
  answer_ = [this](const ProcessRequest& request) {
    EXPECT_FALSE(programs_.ProgressOf("RUN-1/train/1").has_value());
    EXPECT_TRUE(request.take_error_line(R"({"progress":{"phase":"comparing","done":3,"total":40}})"));
    EXPECT_FALSE(request.take_error_line("a warning"));
    const auto mark = programs_.ProgressOf("RUN-1/train/1");
    EXPECT_TRUE(mark && mark->phase == "comparing" && mark->done == 3 && mark->total == 40);
    EXPECT_FALSE(programs_.Recent()[0].finished_at.has_value());
    return Ended(0);
  };
  ProcessRequest request;
  request.arguments = {"vigia", "train"};
  request.environment = {{runbooks::kActionVariable, "RUN-1/train/1"}};
  ASSERT_TRUE(programs_.Run(request).ok());
  EXPECT_FALSE(programs_.ProgressOf("RUN-1/train/1").has_value());
  EXPECT_TRUE(programs_.Recent().empty());  // a step's end is in its run
}

TEST_F(ProgramsTest, KeepsTheLastEndOfEachCommand) {
  ProcessRequest summary, report;
  summary.arguments = {"vigia", "logs", "summary"};
  report.arguments = {"vigia", "drift", "report"};
  ASSERT_TRUE(programs_.Run(report).ok());
  answer_ = [](const ProcessRequest&) { return Ended(1, "vigia: no log\nmore"); };
  for (int i = 0; i < 300; ++i) {
    clock_.Advance(seconds(1));
    ASSERT_TRUE(programs_.Run(summary).ok());
  }
  const auto recent = programs_.Recent();
  ASSERT_EQ(recent.size(), 2U);
  EXPECT_EQ(recent[0].text, "vigia: no log");
  EXPECT_EQ(recent[0].exit, 1);
  EXPECT_EQ(recent[0].started_at, WallTime{seconds(1'300)});
  EXPECT_TRUE(recent[1].succeeded);
  for (int i = 0; i < 300; ++i) {
    summary.arguments.back() = std::to_string(i);
    ASSERT_TRUE(programs_.Run(summary).ok());
  }
  EXPECT_EQ(programs_.Recent().size(), 100U);
}

}  // namespace
}  // namespace vigia::control
