#include "control/drills.h"

#include <gtest/gtest.h>

#include <future>

#include "base/mem_files.h"

namespace vigia::control {
namespace {

using std::chrono::seconds;

constexpr const char* kReport = R"([{"drill":"hang","end":"passed","why":"","outcome":"healed unattended"}])";

class DrillsTest : public testing::Test {
 protected:
  static Json Offers() { return Json::array({{{"name", "hang"}}, {{"name", "kill"}}}); }
  Drills::World World() { return {files_, programs_, clock_, log_, "/home"}; }

  static ProcessResult Ended(int code, const std::string& out, const std::string& err = "") {
    ProcessResult result;
    result.code = code;
    result.out = out;
    result.err = err;
    return result;
  }
  // Waits until the drill's process has been carried out, and what it said is taken.
  static DrillRecord WaitForEnd(const Drills& drills) {
    while (!drills.Recent().front().finished_at) std::this_thread::yield();
    return drills.Recent().front();
  }

  FakeClock clock_{WallTime{seconds(1'000)}};
  MemFiles files_{clock_};
  FakeLog log_;
  FakeProcesses::Answer answer_ = [](const ProcessRequest&) { return Ended(0, kReport); };
  FakeProcesses processes_{[this](const ProcessRequest& request) { return answer_(request); }};
  OwnPrograms programs_{processes_, clock_, "/opt/vigia"};
};

TEST_F(DrillsTest, RunsOneAtATimeAndKeepsWhatThereWasToSee) {
  std::promise<void> begin, end;
  answer_ = [&](const ProcessRequest& request) {
    EXPECT_EQ(request.at_our_death, ProcessRequest::AtOurDeath::kTerm);
    EXPECT_TRUE(request.take_error_line(R"({"progress":{"phase":"healing","done":0,"total":0}})"));
    EXPECT_TRUE(files_.MakeFolders("/home/drills/DRILL-000001/hang").ok());
    EXPECT_TRUE(files_.Write("/home/drills/DRILL-000001/hang/run.json", R"({"state":"mitigating"})").ok());
    begin.set_value();
    end.get_future().wait();
    EXPECT_TRUE(files_.Write("/home/drills/DRILL-000001/hang/postmortem.md", "# Post-mortem\n").ok());
    return Ended(0, kReport);
  };
  Drills drills(Offers(), World());
  EXPECT_EQ(drills.Start("weather", "ana").error().code(), Code::kNotFound);
  EXPECT_EQ(*drills.Start("hang", "ana"), "DRILL-000001");
  begin.get_future().wait();
  EXPECT_EQ(drills.Start("kill", "bia").error().code(), Code::kFailedPrecondition);
  EXPECT_EQ(drills.ProgressOf("DRILL-000001")->phase, "healing");
  const Json meanwhile = *drills.Show("DRILL-000001");
  EXPECT_EQ(meanwhile["state"], "running");
  EXPECT_EQ(meanwhile["run"]["state"], "mitigating");
  EXPECT_TRUE(meanwhile["postmortem"].is_null());
  end.set_value();
  const DrillRecord record = WaitForEnd(drills);
  EXPECT_EQ(record.state, DrillRecord::State::kPassed);
  EXPECT_EQ(record.who, "ana");
  EXPECT_EQ(record.report["outcome"], "healed unattended");
  EXPECT_EQ((*drills.Show("DRILL-000001"))["postmortem"], "# Post-mortem\n");
  EXPECT_EQ(drills.Show("DRILL-000009").error().code(), Code::kNotFound);
  EXPECT_EQ(drills.Show("../DRILL-000001").error().code(), Code::kNotFound);
  EXPECT_EQ(drills.Stop("DRILL-000001", "ana").error().code(), Code::kFailedPrecondition);
}

TEST_F(DrillsTest, AFailureSaysWhy) {
  Drills drills(Offers(), World());
  answer_ = [](const ProcessRequest&) { return Ended(1, "", "vigia: the drills' home: no room\nmore"); };
  ASSERT_TRUE(drills.Start("hang", "ana").ok());
  EXPECT_EQ(WaitForEnd(drills).state, DrillRecord::State::kFailed);
  EXPECT_EQ(drills.Recent().front().why, "vigia: the drills' home: no room");
  answer_ = [](const ProcessRequest&) { return Error(Code::kNotFound, "program is not there"); };
  ASSERT_TRUE(drills.Start("kill", "ana").ok());
  EXPECT_EQ(WaitForEnd(drills).why, "program is not there");
  answer_ = [](const ProcessRequest&) { return Ended(1, R"([{"end":"skipped","why":"it needs root"}])"); };
  ASSERT_TRUE(drills.Start("kill", "ana").ok());
  EXPECT_EQ(WaitForEnd(drills).state, DrillRecord::State::kSkipped);
  EXPECT_EQ(drills.Recent().size(), 3U);
}

TEST_F(DrillsTest, APersonStopsIt) {
  answer_ = [](const ProcessRequest& request) {
    while (!request.stop.stop_requested()) std::this_thread::yield();
    return Ended(1, R"([{"end":"failed","why":"interrupted"}])");
  };
  Drills drills(Offers(), World());
  ASSERT_TRUE(drills.Start("hang", "ana").ok());
  ASSERT_TRUE(drills.Stop("DRILL-000001", "bia").ok());
  const DrillRecord record = WaitForEnd(drills);
  EXPECT_EQ(record.state, DrillRecord::State::kStopped);
  EXPECT_EQ(record.why, "stopped by bia");
}

TEST_F(DrillsTest, TheNextLifeKnowsThem) {
  {
    Drills drills(Offers(), World());
    ASSERT_TRUE(drills.Start("hang", "ana").ok());
    WaitForEnd(drills);
  }
  // One that ran when the process was killed.
  Json cut = *ParseJson(*files_.Read("/home/drills/DRILL-000001/drill.json"));
  cut["id"] = "DRILL-000002";
  cut["state"] = "running";
  cut["finished_at"] = nullptr;
  ASSERT_TRUE(files_.MakeFolders("/home/drills/DRILL-000002").ok());
  ASSERT_TRUE(files_.Write("/home/drills/DRILL-000002/drill.json", CompactJson(cut)).ok());
  ASSERT_TRUE(files_.MakeFolders("/home/drills/DRILL-000003").ok());
  ASSERT_TRUE(files_.Write("/home/drills/DRILL-000003/drill.json", "{").ok());
  Drills drills(Offers(), World());
  const auto recent = drills.Recent();
  ASSERT_EQ(recent.size(), 2U);
  EXPECT_EQ(recent[0].state, DrillRecord::State::kFailed);
  EXPECT_EQ(recent[0].why, "the control plane ended while it ran");
  EXPECT_EQ(recent[1].state, DrillRecord::State::kPassed);
  EXPECT_EQ(recent[1].report["end"], "passed");
}

TEST_F(DrillsTest, OldOnesAreForgotten) {
  Drills drills(Offers(), World());
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(drills.Start("hang", "ana").ok());
    WaitForEnd(drills);
  }
  EXPECT_EQ(drills.Recent().size(), 50U);
  EXPECT_EQ(drills.Recent().back().id, "DRILL-000011");
  EXPECT_EQ(files_.List("/home/drills")->size(), 50U);
}

}  // namespace
}  // namespace vigia::control
