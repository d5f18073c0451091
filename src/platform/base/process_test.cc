#include "base/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/temp_folder.h"

namespace vigia {
namespace {

using End = ProcessResult::End;
using std::chrono::milliseconds;
using std::chrono::seconds;

ProcessRequest Shell(const std::string& script) {
  ProcessRequest request;
  request.arguments = {"sh", "-c", script};
  request.timeout = seconds(20);
  return request;
}

TEST(ProcessTest, GivesOutputAndExitStatus) {
  SystemProcesses processes;
  const auto result = processes.Run(Shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->end, End::kExited);
  EXPECT_EQ(result->code, 3);
  EXPECT_EQ(result->out, "out\n");
  EXPECT_EQ(result->err, "err\n");
  EXPECT_FALSE(result->succeeded());
}

TEST(ProcessTest, ArgumentsAreNotInterpreted) {
  SystemProcesses processes;
  ProcessRequest request;
  request.arguments = {"echo", "$(id); *", "a b"};
  EXPECT_EQ(processes.Run(request)->out, "$(id); * a b\n");
}

TEST(ProcessTest, PassesInputEnvironmentAndDirectory) {
  SystemProcesses processes;
  const TempFolder folder;
  ProcessRequest request = Shell("cat; echo $VIGIA_TEST; pwd");
  request.input.assign(300'000, 'x');
  request.input += '\n';
  request.max_output = 1'000'000;
  request.environment = {{"VIGIA_TEST", "a value"}};
  request.directory = folder.path();
  const auto result = processes.Run(request);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->out, request.input + "a value\n" + folder.path() + "\n");
}

TEST(ProcessTest, SurvivesAProgramThatDoesNotReadItsInput) {
  SystemProcesses processes;
  ProcessRequest request = Shell("exit 0");
  request.input = std::string(1'000'000, 'x');
  EXPECT_TRUE(processes.Run(request)->succeeded());
}

TEST(ProcessTest, KeepsABoundedOutput) {
  SystemProcesses processes;
  ProcessRequest request = Shell("head -c 1000000 /dev/zero");
  request.max_output = 1000;
  const auto result = processes.Run(request);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->out.size(), 1000U);
  EXPECT_TRUE(result->truncated);
  EXPECT_TRUE(result->succeeded());
}

TEST(ProcessTest, OffersLinesOfErrorsAsTheyComeAndKeepsTheOthers) {
  SystemProcesses processes;
  std::vector<std::string> taken;
  ProcessRequest request = Shell("printf '@a\\nwrong' >&2; sleep 0.05; printf ' here\\n@b\\n@end' >&2");
  request.take_error_line = [&](std::string_view line) {
    if (!line.starts_with('@')) return false;
    taken.emplace_back(line);
    return true;
  };
  const auto result = processes.Run(request);
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(taken, testing::ElementsAre("@a", "@b"));
  EXPECT_EQ(result->err, "wrong here\n@end");  // the last line was never ended
}

TEST(ProcessTest, AnEndlessLineIsKeptAsFarAsOutputIs) {
  SystemProcesses processes;
  ProcessRequest request = Shell("head -c 1000000 /dev/zero | tr '\\0' x >&2");
  request.max_output = 1000;
  request.take_error_line = [](std::string_view) { return true; };
  const auto result = processes.Run(request);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->err, std::string(1000, 'x'));
  EXPECT_TRUE(result->truncated);
}

TEST(ProcessTest, GivesTimeBetweenTermAndKill) {
  SystemProcesses processes;
  ProcessRequest request = Shell("trap 'sleep 0.3; echo mended; exit 0' TERM; while :; do sleep 0.02; done");
  request.timeout = milliseconds(200);
  request.grace = seconds(10);
  EXPECT_EQ(processes.Run(request)->out, "mended\n");
  request.grace = milliseconds(50);
  EXPECT_EQ(processes.Run(request)->out, "");
}

TEST(ProcessTest, KillsTheWholeGroupAtTheTimeout) {
  SystemProcesses processes;
  ProcessRequest request = Shell("sleep 600 & sleep 600");
  request.environment = {{"VIGIA_ACTION", "timeout-test"}};
  request.timeout = milliseconds(200);
  const auto result = processes.Run(request);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->end, End::kTimedOut);
  EXPECT_LT(result->took, seconds(2));
  EXPECT_FALSE(processes.IsRunning("VIGIA_ACTION", "timeout-test"));
}

TEST(ProcessTest, KillsWhatIgnoresTheTermSignal) {
  SystemProcesses processes;
  ProcessRequest request = Shell("trap '' TERM; while :; do sleep 0.05; done");
  request.timeout = milliseconds(100);
  const auto result = processes.Run(request);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->end, End::kTimedOut);
}

TEST(ProcessTest, StopsWhenAskedAndTellsThatItRuns) {
  SystemProcesses processes;
  std::stop_source stop;
  ProcessRequest request = Shell("exec sleep 600");
  request.environment = {{"VIGIA_ACTION", "stop-test"}};
  request.stop = stop.get_token();
  std::thread stopper([&] {
    while (!processes.IsRunning("VIGIA_ACTION", "stop-test")) std::this_thread::yield();
    stop.request_stop();
  });
  const auto result = processes.Run(request);
  stopper.join();
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->end, End::kStopped);
}

TEST(ProcessTest, DoesNotWaitForADaemonThatHoldsTheOutput) {
  SystemProcesses processes;
  const auto result = processes.Run(Shell("sleep 5 & echo started"));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->out, "started\n");
  EXPECT_LT(result->took, seconds(4));
}

TEST(ProcessTest, SaysWhyItDidNotStart) {
  SystemProcesses processes;
  ProcessRequest request;
  request.arguments = {"no-such-program-of-ours"};
  EXPECT_EQ(processes.Run(request).error().code(), Code::kNotFound);
  const TempFolder folder;
  request.arguments = {folder.path()};
  EXPECT_EQ(processes.Run(request).error().code(), Code::kPermissionDenied);
  request.arguments = {"true"};
  request.directory = "/no/such/folder";
  EXPECT_EQ(processes.Run(request).error().code(), Code::kNotFound);
}

}  // namespace
}  // namespace vigia
