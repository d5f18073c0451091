// Real processes: kept, adopted after a kill -9 of the keeper, restarted, drained.
#include "supervisor/keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/mem_files.h"
#include "base/temp_folder.h"
#include "supervisor/launch.h"
#include "supervisor/testing/await.h"
#include "supervisor/watch.h"

namespace vigia::supervisor {
namespace {

using std::chrono::milliseconds;

class KeeperTest : public testing::Test {
 protected:
  ~KeeperTest() override {
    Keeper keeper(Spec(), world_);
    EXPECT_TRUE(Await([&] { return *keeper.StepToStop(); })) << "a process was left behind";
  }
  ServiceSpec Spec() const {
    ServiceSpec spec;
    spec.name = "echo";
    spec.command = command_;
    spec.replicas = replicas_;
    spec.health_url = health_url_;
    spec.health_every = milliseconds(1);
    spec.backoff_first = milliseconds(5);
    spec.backoff_longest = milliseconds(20);
    spec.drain = drain_;
    spec.memory_megabytes = memory_megabytes_;
    return spec;
  }
  bool StepUntil(Keeper& keeper, const std::function<bool(const ServiceState&)>& condition) const {
    return Await([&] {
      EXPECT_TRUE(keeper.Step().ok());
      return condition(keeper.State());
    });
  }
  static bool Runs(const ServiceState& state) {
    return !state.replicas.empty() && state.Settled() && state.replicas[0].state == ReplicaState::kRunning;
  }

  TempFolder home_;
  SystemFiles files_;
  SystemProcesses processes_;
  SystemClock clock_;
  FakeLog log_;
  std::atomic<bool> healthy_{true};
  net::FakeHttpClient http_{[this](const net::HttpRequest&) -> Result<net::HttpResponse> {
    net::HttpResponse response;
    response.status = healthy_ ? 200 : 503;
    return response;
  }};
  const KeeperWorld world_{files_, processes_, http_, clock_, log_, home_.path()};
  std::vector<std::string> command_{"tail", "-f", "/dev/null"};
  std::string health_url_;
  int replicas_ = 1;
  Duration drain_ = std::chrono::seconds(10);
  int64_t memory_megabytes_ = 0;
};

TEST_F(KeeperTest, AKilledKeeperLeavesItsServicesAndTheNextAdoptsThem) {
  replicas_ = 2;
  const pid_t first = ::fork();
  if (first == 0) {
    Keeper keeper(Spec(), world_);
    while (keeper.Step().ok()) std::this_thread::yield();
    ::_exit(1);
  }
  const auto recorded = [&] {
    const auto state = ReadState(files_, home_.path(), "echo");
    return state.ok() && state->Settled() && state->replicas.size() == 2;
  };
  ASSERT_TRUE(Await(recorded));
  const ServiceState before = *ReadState(files_, home_.path(), "echo");
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  ASSERT_EQ(::waitpid(first, nullptr, 0), first);
  for (const Replica& replica : before.replicas) EXPECT_TRUE(IsAlive(*replica.process)) << "it outlives its keeper";

  Keeper second(Spec(), world_);
  ASSERT_TRUE(StepUntil(second, [](const ServiceState& state) { return state.Settled(); }));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(second.State().replicas[i].process, before.replicas[i].process);

  // Even when the stored state is lost: the record of the process is enough.
  ASSERT_TRUE(files_.Write(StatePath(home_.path(), "echo"), "{broken").ok());
  Keeper third(Spec(), world_);
  ASSERT_TRUE(StepUntil(third, [](const ServiceState& state) { return state.Settled(); }));
  EXPECT_EQ(third.State().replicas[1].process, before.replicas[1].process);
}

TEST_F(KeeperTest, RestartsWhatWasKilled) {
  Keeper keeper(Spec(), world_);
  ASSERT_TRUE(StepUntil(keeper, Runs));
  const ProcessIdentity before = *keeper.State().replicas[0].process;
  EXPECT_EQ(*files_.Read(JoinPath(home_.path(), "run/echo-0.pid")), std::to_string(before.pid) + "\n");
  ASSERT_EQ(::kill(before.pid, SIGKILL), 0);
  ASSERT_TRUE(StepUntil(keeper, [&](const ServiceState& state) {
    return Runs(state) && state.replicas[0].process != std::optional(before);
  }));
  EXPECT_EQ(keeper.State().replicas[0].restarts.size(), 1u);
}

TEST_F(KeeperTest, GivesUpOnWhatAlwaysEndsAndSaysSo) {
  command_ = {"false"};
  Keeper keeper(Spec(), world_);
  ASSERT_TRUE(
      StepUntil(keeper, [](const ServiceState& state) { return state.replicas[0].state == ReplicaState::kGaveUp; }));
  EXPECT_EQ(keeper.State().replicas[0].restarts.size(), 5u);
  EXPECT_THAT(log_.Lines(), testing::Contains(testing::HasSubstr("service is given up")));
}

TEST_F(KeeperTest, RestartsWhatFailsItsProbes) {
  health_url_ = "http://echo/health";
  Keeper keeper(Spec(), world_);
  ASSERT_TRUE(StepUntil(keeper, Runs));
  const auto before = keeper.State().replicas[0].process;
  healthy_ = false;
  ASSERT_TRUE(StepUntil(keeper, [&](const ServiceState& state) { return state.replicas[0].process != before; }));
  healthy_ = true;
  EXPECT_TRUE(StepUntil(keeper, Runs));
  EXPECT_FALSE(IsAlive(*before));
}

TEST_F(KeeperTest, EndsWhatTakesTooMuchMemory) {
  // A first life keeps 64 MiB, those after it nothing.
  command_ = {"python3", "-c",
              "import os, time\n"
              "first = not os.path.exists('" +
                  home_.path() +
                  "/lived')\n"
                  "open('" +
                  home_.path() +
                  "/lived', 'w').close()\n"
                  "kept = b'.' * (64 << 20) if first else b''\n"
                  "time.sleep(1e6)"};
  memory_megabytes_ = 48;
  Keeper keeper(Spec(), world_);
  ASSERT_TRUE(StepUntil(keeper, [](const ServiceState& state) { return state.replicas[0].restarts.size() == 1; }));
  EXPECT_THAT(log_.Lines(), testing::Contains(testing::HasSubstr("MiB of memory, more than its 48")));
  EXPECT_TRUE(StepUntil(keeper, Runs));
}

TEST_F(KeeperTest, DoesWhatItIsAsked) {
  Keeper keeper(Spec(), world_);
  ASSERT_TRUE(StepUntil(keeper, Runs));
  const auto before = keeper.State().replicas[0].process;
  const auto ask = [&](const std::string& id, Request request) {
    ASSERT_TRUE(Ask(files_, home_.path(), "echo", {id, request}).ok());
    ASSERT_TRUE(StepUntil(keeper, [&](const ServiceState& state) { return state.handled == id && state.Settled(); }));
  };
  ask("one", Request::kRestart);
  const auto after = keeper.State().replicas[0].process;
  EXPECT_NE(after, before);
  EXPECT_TRUE(keeper.State().replicas[0].restarts.empty());
  EXPECT_FALSE(files_.Exists(RequestPath(home_.path(), "echo"))) << "taken up";
  ask("two", Request::kStop);
  EXPECT_FALSE(IsAlive(*after));
  EXPECT_FALSE(keeper.State().wanted);
  ask("three", Request::kStart);
  EXPECT_TRUE(Runs(keeper.State()));
  ASSERT_TRUE(files_.Write(RequestPath(home_.path(), "echo"), "nonsense").ok());
  ASSERT_TRUE(
      StepUntil(keeper, [&](const ServiceState&) { return !files_.Exists(RequestPath(home_.path(), "echo")); }));
  EXPECT_TRUE(Runs(keeper.State()));
}

TEST_F(KeeperTest, KillsWhatIgnoresTheDrain) {
  command_ = {"sh", "-c", "trap '' TERM; while :; do read -r line < /dev/null; tail -f /dev/null; done"};
  drain_ = milliseconds(20);
  Keeper keeper(Spec(), world_);
  ASSERT_TRUE(StepUntil(keeper, Runs));
  const auto before = keeper.State().replicas[0].process;
  ASSERT_TRUE(Await([&] { return *keeper.StepToStop(); }));
  EXPECT_FALSE(IsAlive(*before));
  EXPECT_TRUE(keeper.State().wanted) << "the next start brings it back";
}

TEST_F(KeeperTest, DoesNothingThatItCannotStore) {
  MemFiles full(clock_);
  full.FailWritesAfter(0);
  const KeeperWorld world{full, processes_, http_, clock_, log_, home_.path()};
  Keeper keeper(Spec(), world);
  EXPECT_FALSE(keeper.Step().ok());
  EXPECT_TRUE(keeper.State().replicas.empty());
}

TEST_F(KeeperTest, TheWatchKeepsAllAndDrainsAtItsEnd) {
  auto watch = Watch::Start({Spec()}, world_);
  ASSERT_TRUE(watch.ok()) << watch.error().message();
  ASSERT_TRUE(Await([&] { return Runs((*watch)->States()[0]); }));
  const auto process = (*watch)->States()[0].replicas[0].process;
  const auto second = Watch::Start({Spec()}, world_);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message(), testing::HasSubstr("service 'echo' is kept by somebody else"));
  const auto samples = MakeWatchSource(**watch)->Collect(clock_.Now());
  EXPECT_THAT(samples, testing::Contains(testing::AllOf(testing::Field(&signals::Sample::name, "service_up"),
                                                        testing::Field(&signals::Sample::value, 1.0))));
  (*watch)->Stop(Watch::AtEnd::kLeaveServices);
  EXPECT_TRUE(IsAlive(*process));

  auto next = Watch::Start({Spec()}, world_);
  ASSERT_TRUE(next.ok());
  ASSERT_TRUE(Await([&] { return Runs((*next)->States()[0]); }));
  EXPECT_EQ((*next)->States()[0].replicas[0].process, process);
  (*next)->Stop(Watch::AtEnd::kDrainServices);
  EXPECT_FALSE(IsAlive(*process));
}

}  // namespace
}  // namespace vigia::supervisor
