#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "supervisor/supervisor.h"

namespace vigia::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = Effect::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

// A service in a world without processes: what effects do to it, step by step.
class World {
 public:
  explicit World(ServiceSpec spec) : spec_(std::move(spec)) {}

  struct Process {
    bool healthy = true;
    bool ready = true;
    bool obedient = true;  // ends on TERM
    uint64_t megabytes = 1;
  };

  // One decision after so long; carries out what it says. The kinds, in order.
  std::vector<Kind> Step(Request request = Request::kNone, Duration after = seconds(1)) {
    now_ += after;
    std::vector<Observation> seen;
    for (int index = 0; index < 8; ++index) {
      Observation one;
      one.replica = index;
      const auto found = processes.find(index);
      one.alive = found != processes.end();
      if (one.alive) {
        one.process = ProcessIdentity{100 + index, 1};
        one.healthy = found->second.healthy;
        one.ready = found->second.healthy && found->second.ready;
        one.resident_bytes = found->second.megabytes << 20U;
      }
      seen.push_back(one);
    }
    Decision decision = Decide(spec_, state, seen, request, now_);
    // What is stored is what comes back.
    state = *ServiceState::FromJson(decision.state.ToJson());
    std::vector<Kind> kinds;
    for (const Effect& effect : decision.effects) {
      Carry(effect);
      kinds.push_back(effect.kind);
      reasons.push_back(effect.reason);
    }
    return kinds;
  }
  std::vector<ReplicaState> States() const {
    std::vector<ReplicaState> states;
    for (const Replica& replica : state.replicas) states.push_back(replica.state);
    return states;
  }
  // Steps until nothing is under way; false when that takes too long.
  bool Settle() {
    for (int i = 0; i < 300; ++i) {
      Step();
      if (state.Settled()) return true;
    }
    return false;
  }
  int Serving() const {
    return static_cast<int>(
        std::count_if(processes.begin(), processes.end(), [](const auto& p) { return p.second.healthy; }));
  }

  ServiceState state;
  std::map<int, Process> processes;
  Process next;        // what a start brings
  bool starts = true;  // a start brings nothing
  int started = 0;
  bool started_twice = false;  // a start of what was alive
  std::vector<std::string> reasons;

 private:
  void Carry(const Effect& effect) {
    const auto found = processes.find(effect.replica);
    switch (effect.kind) {
      case Kind::kRestart:
      case Kind::kStart:
        ++started;
        if (effect.kind == Kind::kStart && found != processes.end()) started_twice = true;
        if (starts) processes[effect.replica] = next;
        break;
      case Kind::kTerminate:
        if (found != processes.end() && found->second.obedient) processes.erase(found);
        break;
      case Kind::kKill: processes.erase(effect.replica); break;
      case Kind::kGaveUp: break;
    }
  }

  const ServiceSpec spec_;
  WallTime now_ = WallTime(seconds(1'700'000'000));
};

ServiceSpec Spec(int replicas = 1) {
  ServiceSpec spec;
  spec.name = "risk";
  spec.command = {"vigia-risk"};
  spec.replicas = replicas;
  return spec;
}

TEST(DecideTest, StartsAndSettles) {
  World world(Spec());
  EXPECT_THAT(world.Step(), ElementsAre(Kind::kStart));
  EXPECT_THAT(world.States(), ElementsAre(ReplicaState::kStarting));
  EXPECT_FALSE(world.state.Settled());
  EXPECT_THAT(world.Step(), IsEmpty());
  EXPECT_THAT(world.States(), ElementsAre(ReplicaState::kRunning));
  EXPECT_TRUE(world.state.Settled());
  EXPECT_EQ(world.state.replicas[0].process, (ProcessIdentity{100, 1}));
}

TEST(DecideTest, AdoptsWhatRuns) {
  World world(Spec());
  world.processes[0] = {};
  EXPECT_THAT(world.Step(), IsEmpty());
  EXPECT_THAT(world.Step(), IsEmpty());
  EXPECT_THAT(world.States(), ElementsAre(ReplicaState::kRunning));
  EXPECT_EQ(world.started, 0);
}

TEST(DecideTest, RestartsACrashWithABackoffThatDoubles) {
  World world(Spec());
  ASSERT_TRUE(world.Settle());
  std::vector<int> pauses;
  for (int crash = 0; crash < 4; ++crash) {
    world.processes.clear();
    EXPECT_THAT(world.Step(), IsEmpty()) << "not at once";
    EXPECT_THAT(world.States(), ElementsAre(ReplicaState::kBackoff));
    int waited = 1;
    while (world.Step(Request::kNone, seconds(1)).empty()) ++waited;
    pauses.push_back(waited);
    ASSERT_TRUE(world.Settle());
  }
  EXPECT_THAT(pauses, ElementsAre(1, 2, 4, 8));
}

TEST(DecideTest, GivesUpOnceWhenTheBudgetIsSpent) {
  World world(Spec());
  world.starts = false;
  int gave_up = 0;
  for (int i = 0; i < 200; ++i) {
    for (const Kind kind : world.Step()) gave_up += kind == Kind::kGaveUp ? 1 : 0;
  }
  EXPECT_EQ(world.started, 6) << "the first start and five restarts";
  EXPECT_EQ(gave_up, 1);
  EXPECT_EQ(world.reasons.back(), "ended while starting, after 5 restarts");
  EXPECT_TRUE(world.state.Settled());
  for (int i = 0; i < 2'000; ++i) EXPECT_THAT(world.Step(), IsEmpty()) << "left to runbooks and people";

  world.starts = true;
  EXPECT_THAT(world.Step(Request::kRestart), ElementsAre(Kind::kStart)) << "who decide";
  ASSERT_TRUE(world.Settle());
  EXPECT_THAT(world.States(), ElementsAre(ReplicaState::kRunning));
  EXPECT_TRUE(world.state.replicas[0].restarts.empty());
}

TEST(DecideTest, ABudgetOfNothingOnlyReports) {
  ServiceSpec spec = Spec();
  spec.budget = 0;
  World world(spec);
  world.processes[0] = {};
  ASSERT_TRUE(world.Settle());
  world.processes.clear();
  EXPECT_THAT(world.Step(), ElementsAre(Kind::kGaveUp));
  for (int i = 0; i < 100; ++i) EXPECT_THAT(world.Step(), IsEmpty());
  world.processes[0] = {};
  world.Step();
  EXPECT_THAT(world.States(), ElementsAre(ReplicaState::kRunning)) << "somebody else brought it back";
}

TEST(DecideTest, RestartsAfterFailedProbes) {
  World world(Spec());
  ASSERT_TRUE(world.Settle());
  world.processes[0].healthy = false;
  EXPECT_THAT(world.Step(), IsEmpty());
  EXPECT_THAT(world.Step(), IsEmpty());
  EXPECT_THAT(world.Step(), ElementsAre(Kind::kTerminate));
  EXPECT_EQ(world.reasons.back(), "failed 3 health probes");
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(world.Serving(), 1);
  EXPECT_EQ(world.state.replicas[0].restarts.size(), 1u);
}

TEST(DecideTest, AFewFailedProbesAreForgiven) {
  World world(Spec());
  ASSERT_TRUE(world.Settle());
  for (int i = 0; i < 50; ++i) {
    world.processes[0].healthy = i % 3 == 0;
    EXPECT_THAT(world.Step(), IsEmpty());
  }
}

TEST(DecideTest, EndsWhatTakesTooMuchMemory) {
  ServiceSpec spec = Spec();
  spec.memory_megabytes = 100;
  World world(spec);
  ASSERT_TRUE(world.Settle());
  world.processes[0].megabytes = 100;
  EXPECT_THAT(world.Step(), IsEmpty()) << "it may have that much";
  world.processes[0].megabytes = 101;
  EXPECT_THAT(world.Step(), ElementsAre(Kind::kTerminate));
  EXPECT_EQ(world.reasons.back(), "took 101 MiB of memory, more than its 100");
  ASSERT_TRUE(world.Settle());
  EXPECT_THAT(world.States(), ElementsAre(ReplicaState::kRunning));
  EXPECT_EQ(world.state.replicas[0].restarts.size(), 1u);
}

TEST(DecideTest, AMemoryLimitHoldsWithoutABudgetToo) {
  ServiceSpec spec = Spec();
  spec.memory_megabytes = 100;
  spec.budget = 0;
  World world(spec);
  ASSERT_TRUE(world.Settle());
  world.processes[0].megabytes = 200;
  EXPECT_THAT(world.Step(), ElementsAre(Kind::kTerminate));
  EXPECT_THAT(world.Step(), ElementsAre(Kind::kGaveUp));
  EXPECT_TRUE(world.processes.empty());
  EXPECT_THAT(world.States(), ElementsAre(ReplicaState::kGaveUp));
}

TEST(DecideTest, KillsWhatDoesNotDrain) {
  World world(Spec());
  ASSERT_TRUE(world.Settle());
  world.processes[0].obedient = false;
  EXPECT_THAT(world.Step(Request::kStop), ElementsAre(Kind::kTerminate));
  EXPECT_THAT(world.Step(Request::kNone, seconds(9)), IsEmpty());
  EXPECT_THAT(world.Step(), ElementsAre(Kind::kKill));
  EXPECT_THAT(world.Step(), IsEmpty());
  EXPECT_THAT(world.States(), ElementsAre(ReplicaState::kStopped));
  EXPECT_TRUE(world.state.Settled());
  for (int i = 0; i < 20; ++i) EXPECT_THAT(world.Step(), IsEmpty()) << "a person stopped it";
  EXPECT_THAT(world.Step(Request::kStart), ElementsAre(Kind::kStart));
}

TEST(DecideTest, WaitsForAStartAndGivesUpOnABadOne) {
  World world(Spec());
  world.next.healthy = false;
  world.Step();
  for (int i = 0; i < 9; ++i) EXPECT_THAT(world.Step(), IsEmpty());
  EXPECT_THAT(world.Step(), ElementsAre(Kind::kTerminate));
  EXPECT_EQ(world.reasons.back(), "did not become healthy");
}

TEST(DecideTest, AServiceWithoutAModelIsLeftAlone) {
  World world(Spec());
  world.next.ready = false;
  for (int i = 0; i < 100; ++i) world.Step();
  EXPECT_EQ(world.started, 1) << "a restart would not bring a model";
  EXPECT_THAT(world.States(), ElementsAre(ReplicaState::kRunning));
  EXPECT_EQ(world.state.replicas[0].reason, "answers, but is not ready");
  world.processes[0].ready = true;
  world.Step();
  EXPECT_EQ(world.state.replicas[0].reason, "");
}

TEST(DecideTest, RollsOneAtATime) {
  World world(Spec(3));
  ASSERT_TRUE(world.Settle());
  world.started = 0;
  world.Step(Request::kRestart);
  int least = world.Serving();
  for (int i = 0; i < 60 && !world.state.Settled(); ++i) {
    world.Step();
    least = std::min(least, world.Serving());
  }
  EXPECT_TRUE(world.state.Settled());
  EXPECT_EQ(world.started, 3);
  EXPECT_EQ(least, 2);
  EXPECT_TRUE(world.state.replicas[0].restarts.empty()) << "asked for: it costs no budget";
}

TEST(DecideTest, ARollStopsAtTheFirstBadOne) {
  for (const bool healthy : {false, true}) {
    World world(Spec(3));
    ASSERT_TRUE(world.Settle());
    world.next.healthy = healthy;
    world.next.ready = false;
    world.Step(Request::kRestart);
    for (int i = 0; i < 400; ++i) {
      world.Step();
      EXPECT_GE(world.Serving(), 2);
    }
    EXPECT_EQ(world.state.rolling, std::nullopt);
    EXPECT_TRUE(world.state.Settled());
  }
}

TEST(DecideTest, ARollBeginsWithWhatIsDown) {
  World world(Spec(3));
  ASSERT_TRUE(world.Settle());
  world.processes.erase(2);
  world.Step();
  EXPECT_THAT(world.Step(Request::kRestart), ElementsAre(Kind::kStart));
  EXPECT_EQ(world.state.rolling, 2);
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(world.Serving(), 3);
}

TEST(DecideTest, FewerReplicasAreDrained) {
  World three(Spec(3));
  ASSERT_TRUE(three.Settle());
  World one(Spec(1));
  one.state = three.state;
  one.processes = three.processes;
  ASSERT_TRUE(one.Settle());
  one.Step();
  EXPECT_EQ(one.state.replicas.size(), 1u);
  EXPECT_EQ(one.Serving(), 1);
}

TEST(DecideTest, OtherManagersRestartInOneGo) {
  ServiceSpec spec = Spec(3);
  spec.managed_by = ManagedBy::kKubernetes;
  World world(spec);
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(world.state.replicas.size(), 1u) << "kubectl looks after the pods";
  EXPECT_THAT(world.Step(Request::kRestart), ElementsAre(Kind::kRestart));
  ASSERT_TRUE(world.Settle());
  world.processes[0].healthy = false;
  world.Step();
  world.Step();
  EXPECT_THAT(world.Step(), ElementsAre(Kind::kRestart));
  EXPECT_EQ(world.state.replicas[0].restarts.size(), 1u);
}

TEST(DecideTest, AClockThatGoesBackStopsNothing) {
  World world(Spec());
  ASSERT_TRUE(world.Settle());
  world.processes.clear();
  world.Step();
  EXPECT_THAT(world.Step(Request::kNone, -std::chrono::hours(5)), ElementsAre(Kind::kStart));
  world.processes[0].healthy = false;
  world.Step(Request::kNone, -std::chrono::hours(5));
  for (int i = 0; i < 12; ++i) world.Step();
  ASSERT_TRUE(world.Settle());
  EXPECT_EQ(world.Serving(), 1);
}

// Whatever happens: a replica that is alive is not started, no more restarts than the budget allows,
// and what is left in peace comes back.
TEST(DecideTest, KeepsItsPromisesUnderChaos) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& events) {
    World world(Spec(3));
    for (const uint8_t event : events) {
      const int replica = event % 3;
      Request request = Request::kNone;
      switch (event / 3 % 8) {
        case 0: world.processes.erase(replica); break;
        case 1:
          if (world.processes.count(replica) > 0) world.processes[replica].healthy = false;
          break;
        case 2: request = Request::kRestart; break;
        case 3: request = event % 2 == 0 ? Request::kStop : Request::kStart; break;
        case 4: world.next.obedient = !world.next.obedient; break;
        default: break;
      }
      world.Step(request, milliseconds(500) * (event % 7));
      for (const Replica& one : world.state.replicas) {
        RC_ASSERT(one.restarts.size() <= 5u);
        RC_ASSERT(one.state != ReplicaState::kStopped || !world.state.wanted);
      }
      RC_ASSERT(!world.started_twice);
    }
    // Left in peace and wanted, it comes back.
    world.next = {};
    world.Step(Request::kRestart);
    RC_ASSERT(world.Settle());
    RC_ASSERT(world.Serving() == 3);
  }));
}

TEST(ServiceStateTest, RefusesBrokenText) {
  for (const char* text : {"{}", "[]", R"({"service":"a","wanted":true,"handled":"","replicas":[{}]})",
                           R"({"service":"a","wanted":1,"handled":"","replicas":[]})",
                           R"({"service":"a","wanted":true,"handled":"","replicas":[{"index":0,"state":"odd"}]})"}) {
    EXPECT_FALSE(ServiceState::FromJson(*ParseJson(text)).ok()) << text;
  }
}

TEST(ServiceSpecTest, Expands) {
  ServiceSpec spec;
  spec.port = 8000;
  EXPECT_EQ(spec.Expand("http://h:{port}/{replica}/{replica}", 2), "http://h:8002/2/2");
  EXPECT_EQ(spec.Expand("{por}", 2), "{por}");
}

}  // namespace
}  // namespace vigia::supervisor
