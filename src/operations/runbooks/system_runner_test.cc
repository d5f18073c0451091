#include "runbooks/system_runner.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/temp_folder.h"

namespace vigia::runbooks {
namespace {

using End = ActionResult::End;

ActionRequest Program(const std::string& key, std::vector<std::string> arguments) {
  return {key, RenderedProgram{std::move(arguments)}, std::chrono::seconds(20)};
}

ActionResult WaitFor(ActionRunner& runner) {
  while (true) {
    auto results = runner.Poll();
    if (!results.empty()) return results.front();
    std::this_thread::yield();
  }
}

class SystemRunnerTest : public testing::Test {
 protected:
  SystemRunnerTest() : http_([](const net::HttpRequest&) { return answer_; }) {
    settings_.vigia = "echo";
    settings_.home = folder_.path();
    runner_ = MakeSystemRunner(settings_, processes_, http_);
  }
  TempFolder folder_;
  RunnerSettings settings_;
  SystemProcesses processes_;
  static inline Result<net::HttpResponse> answer_ = net::HttpResponse{};
  net::FakeHttpClient http_;
  std::unique_ptr<ActionRunner> runner_;
};

TEST_F(SystemRunnerTest, RunsPrograms) {
  runner_->Start(Program("RUN-1/a/1", {"vigia", R"({"pid": 7})"}));
  ActionResult result = WaitFor(*runner_);
  EXPECT_EQ(result.key, "RUN-1/a/1");
  EXPECT_EQ(result.end, End::kDone);
  EXPECT_EQ(result.out, (Json{{"pid", 7}}));
  runner_->Start(Program("k", {"sh", "-c", "echo $VIGIA_ACTION $VIGIA_HOME; pwd; echo why >&2; exit 4"}));
  result = WaitFor(*runner_);
  EXPECT_EQ(result.end, End::kFailed);
  EXPECT_EQ(result.exit, 4);
  EXPECT_EQ(result.text, "why\n\nk " + folder_.path() + "\n" + folder_.path());
  runner_->Start(Program("k", {"no-such-program"}));
  EXPECT_EQ(WaitFor(*runner_).end, End::kNotStarted);
}

TEST_F(SystemRunnerTest, KillsAndTellsWhatRuns) {
  runner_->Start(Program("RUN-2/b/1", {"sleep", "600"}));
  EXPECT_TRUE(runner_->IsRunning("RUN-2/b/1"));
  // As another life of the program on this machine would see it.
  while (!processes_.IsRunning(kActionVariable, "RUN-2/b/1")) std::this_thread::yield();
  runner_->Kill("RUN-2/b/1");
  EXPECT_EQ(WaitFor(*runner_).end, End::kLost);
  EXPECT_FALSE(runner_->IsRunning("RUN-2/b/1"));
}

TEST_F(SystemRunnerTest, CallsHttpWithItsKey) {
  answer_ = net::HttpResponse{201, {}, R"({"ok": true})", false, {}, {}};
  runner_->Start({"RUN-3/c/1", RenderedHttp{"POST", "http://h/x", {{"A", "b"}}, "{}", {}}, std::chrono::seconds(5)});
  const ActionResult result = WaitFor(*runner_);
  EXPECT_EQ(result.end, End::kDone);
  EXPECT_EQ(result.status, 201);
  EXPECT_EQ(result.out["ok"], true);
  const net::HttpRequest sent = http_.Requests().at(0);
  EXPECT_EQ(sent.headers.back(), (std::pair<std::string, std::string>("Idempotency-Key", "RUN-3/c/1")));
}

TEST(ActionResultTest, TellsFailedFromLostFromNotStarted) {
  const RenderedHttp call{"POST", "http://h", {}, "", {200, 409}};
  const auto http = [&](Result<net::HttpResponse> answer) { return FromHttp("k", call, answer).end; };
  EXPECT_EQ(http(net::HttpResponse{409, {}, "", false, {}, {}}), End::kDone);
  EXPECT_EQ(http(net::HttpResponse{201, {}, "", false, {}, {}}), End::kFailed);
  EXPECT_EQ(http(net::HttpResponse{500, {}, "", false, {}, {}}), End::kFailed);
  EXPECT_EQ(http(net::HttpResponse{504, {}, "", false, {}, {}}), End::kLost);
  EXPECT_EQ(http(Error(Code::kUnavailable, "refused")), End::kNotStarted);
  EXPECT_EQ(http(Error(Code::kDeadlineExceeded, "slow")), End::kLost);
  EXPECT_EQ(http(Error(Code::kDataLoss, "broke")), End::kLost);
  ProcessResult process;
  process.end = ProcessResult::End::kTimedOut;
  EXPECT_EQ(FromProcess("k", process).end, End::kLost);
  process.end = ProcessResult::End::kSignalled;
  EXPECT_EQ(FromProcess("k", process).end, End::kLost);
}

TEST(ActionResultTest, OutputIsBounded) {
  ProcessResult process;
  process.out = std::string(kMaxText - 1, 'x') + "é and more";
  const ActionResult result = FromProcess("k", process);
  EXPECT_EQ(result.text, std::string(kMaxText - 1, 'x'));  // not half a character
}

}  // namespace
}  // namespace vigia::runbooks
