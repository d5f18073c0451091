#include "supervisor/launch.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/temp_folder.h"
#include "supervisor/testing/await.h"
#include "supervisor/use.h"

namespace vigia::supervisor {
namespace {

std::string Text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class LaunchTest : public testing::Test {
 protected:
  Result<ProcessIdentity> Start(std::vector<std::string> arguments) {
    LaunchRequest request;
    request.arguments = std::move(arguments);
    request.environment = {{"COLOUR", "green"}};
    request.directory = folder_.path();
    request.output = folder_.path() + "/out";
    request.processors = processors_;
    return Launch(request, [this](const ProcessIdentity& process) {
      recorded_ = process;
      return record_;
    });
  }
  TempFolder folder_;
  ProcessIdentity recorded_;
  std::vector<int> processors_;
  Status record_;
};

TEST_F(LaunchTest, RunsOnItsProcessorsOnly) {
  processors_ = {OwnProcessors().back()};
  const auto process = Start({"sh", "-c", "nproc"});
  ASSERT_TRUE(process.ok());
  EXPECT_TRUE(Await([&] { return Text(folder_.path() + "/out") == "1\n"; }));
}

TEST_F(LaunchTest, RunsInASessionOfItsOwn) {
  const auto process =
      Start({"sh", "-c", "echo $COLOUR; pwd; ls -l /proc/self/fd | wc -l; echo bad >&2; exec tail -f /dev/null"});
  ASSERT_TRUE(process.ok()) << process.error().message();
  EXPECT_EQ(*process, recorded_) << "recorded before it ran";
  EXPECT_TRUE(IsAlive(*process));
  EXPECT_TRUE(Await([&] { return Text(folder_.path() + "/out").find("bad\n") != std::string::npos; }));
  EXPECT_EQ(::getsid(process->pid), process->pid);
  EXPECT_EQ(Text(folder_.path() + "/out").substr(0, 6), "green\n");
  EXPECT_TRUE(SendSignal(*process, SIGTERM, SignalTo::kProcess).ok());
  EXPECT_TRUE(Await([&] { return !IsAlive(*process); }));
  EXPECT_TRUE(SendSignal(*process, SIGTERM, SignalTo::kProcess).ok()) << "nobody there is fine";
}

TEST_F(LaunchTest, KillsTheWholeGroup) {
  const auto process = Start({"sh", "-c", "tail -f /dev/null & echo $! > child; wait"});
  ASSERT_TRUE(process.ok());
  const std::string file = folder_.path() + "/child";
  ASSERT_TRUE(Await([&] { return Text(file).find('\n') != std::string::npos; }));
  const int child = std::stoi(Text(file));
  ASSERT_TRUE(SendSignal(*process, SIGKILL, SignalTo::kGroup).ok());
  EXPECT_TRUE(Await([&] { return !IsAlive(*process); }));
  EXPECT_TRUE(Await([&] { return Text("/proc/" + std::to_string(child) + "/cmdline").empty(); }));
}

TEST_F(LaunchTest, AReusedNumberIsAnotherProcess) {
  const auto process = Start({"tail", "-f", "/dev/null"});
  ASSERT_TRUE(process.ok());
  ProcessIdentity before = *process;
  before.start_ticks -= 1;
  EXPECT_FALSE(IsAlive(before));
  EXPECT_TRUE(SendSignal(before, SIGKILL, SignalTo::kGroup).ok());
  EXPECT_TRUE(IsAlive(*process)) << "it was not meant";
  ASSERT_TRUE(SendSignal(*process, SIGKILL, SignalTo::kProcess).ok());
  EXPECT_TRUE(Await([&] { return !IsAlive(*process); }));
}

TEST_F(LaunchTest, TellsWhatCannotStart) {
  EXPECT_EQ(Start({"no-such-program-here"}).error().code(), Code::kNotFound);
  EXPECT_EQ(Start({"/no/such/program"}).error().code(), Code::kNotFound);
  EXPECT_EQ(Start({"/dev/null"}).error().code(), Code::kPermissionDenied);
}

TEST_F(LaunchTest, WhatIsNotRecordedDoesNotRun) {
  record_ = Error(Code::kResourceExhausted, "the disk is full");
  const auto process = Start({"sh", "-c", "touch ran"});
  ASSERT_FALSE(process.ok());
  EXPECT_EQ(process.error().code(), Code::kResourceExhausted);
  EXPECT_FALSE(IsAlive(recorded_));
  EXPECT_NE(::access((folder_.path() + "/ran").c_str(), F_OK), 0);
}

// Dying between the fork and the record leaves nothing behind.
TEST_F(LaunchTest, WhatWasBeingStartedEndsWithUs) {
  const pid_t starter = ::fork();
  if (starter == 0) {
    LaunchRequest request;
    request.arguments = {"touch", folder_.path() + "/ran"};
    request.output = folder_.path() + "/out";
    const auto started = Launch(request, [&](const ProcessIdentity& process) -> Status {
      std::ofstream(folder_.path() + "/pid") << process.pid << "\n" << std::flush;
      ::kill(::getpid(), SIGKILL);
      return {};
    });
    ::_exit(started.ok() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(starter, &status, 0), starter);
  ASSERT_TRUE(WIFSIGNALED(status));
  const int pid = std::stoi(Text(folder_.path() + "/pid"));
  EXPECT_TRUE(Await([&] { return Text("/proc/" + std::to_string(pid) + "/cmdline").empty(); }));
  EXPECT_NE(::access((folder_.path() + "/ran").c_str(), F_OK), 0);
}

}  // namespace
}  // namespace vigia::supervisor
