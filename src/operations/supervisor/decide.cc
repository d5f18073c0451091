#include <algorithm>

#include "supervisor/supervisor.h"

namespace vigia::supervisor {
namespace {

using Kind = Effect::Kind;

// One decision about one service. Every step changes the state and notes what is to be done.
class Decider {
 public:
  Decider(const ServiceSpec& spec, ServiceState state, WallTime now) : spec_(spec), now_(now) {
    decision_.state = std::move(state);
  }

  Decision Run(const std::vector<Observation>& observations, Request request) {
    Fit();
    Take(request);
    for (const Observation& observation : observations) {
      for (Replica& replica : replicas()) {
        if (replica.index == observation.replica) Observe(replica, observation);
      }
    }
    // Replicas that are no longer wanted go when their process has gone.
    std::erase_if(replicas(), [this](const Replica& replica) {
      return replica.index >= spec_.Watched() && replica.state == ReplicaState::kStopped;
    });
    Roll(observations);
    return std::move(decision_);
  }

 private:
  std::vector<Replica>& replicas() { return decision_.state.replicas; }
  bool Wanted(const Replica& replica) const { return decision_.state.wanted && replica.index < spec_.Watched(); }

  void Do(Kind kind, Replica& replica, ReplicaState state, std::string reason) {
    decision_.effects.push_back({kind, replica.index, reason});
    Enter(replica, state, std::move(reason));
  }
  void Enter(Replica& replica, ReplicaState state, std::string reason) {
    replica.state = state;
    replica.since = now_;
    replica.failed_probes = 0;
    replica.reason = std::move(reason);
    if (state == ReplicaState::kStopped || state == ReplicaState::kBackoff) replica.process.reset();
  }

  // As many replicas as the specification says; more are drained by Observe.
  void Fit() {
    for (int index = 0; index < spec_.Watched(); ++index) {
      const bool there = std::any_of(replicas().begin(), replicas().end(),
                                     [index](const Replica& replica) { return replica.index == index; });
      if (there) continue;
      Replica replica;
      replica.index = index;
      replica.since = now_;
      replicas().push_back(std::move(replica));
    }
  }

  void Take(Request request) {
    if (request == Request::kNone) return;
    ServiceState& state = decision_.state;
    state.wanted = request != Request::kStop;
    state.rolling.reset();
    for (Replica& replica : replicas()) {
      replica.restart_asked = request == Request::kRestart;
      replica.restarts.clear();  // a person or a runbook has decided: the budget begins anew
      const bool waiting = replica.state == ReplicaState::kBackoff || replica.state == ReplicaState::kGaveUp;
      if (waiting) Enter(replica, ReplicaState::kStopped, "");
    }
  }

  // It ended, or failed its probes, and is dead now.
  void Failed(Replica& replica, const std::string& why) {
    FailTurn(replica);
    if (!Wanted(replica)) return Enter(replica, ReplicaState::kStopped, "stopped");
    if (!TakeBudget(replica)) return GiveUp(replica, why);
    const auto doublings = std::min<size_t>(replica.restarts.size() - 1, 20);
    const Duration pause = std::min(spec_.backoff_first * (int64_t{1} << doublings), spec_.backoff_longest);
    Enter(replica, ReplicaState::kBackoff, why);
    replica.not_before = now_ + pause;
  }

  bool TakeBudget(Replica& replica) {
    std::erase_if(replica.restarts, [this](WallTime time) { return time > now_ || now_ - time > spec_.budget_window; });
    if (replica.restarts.size() >= static_cast<size_t>(spec_.budget)) return false;
    replica.restarts.push_back(now_);
    return true;
  }

  void GiveUp(Replica& replica, const std::string& why) {
    if (replica.state == ReplicaState::kGaveUp) return;
    Do(Kind::kGaveUp, replica, ReplicaState::kGaveUp,
       why + (spec_.budget == 0 ? "" : ", after " + std::to_string(spec_.budget) + " restarts"));
  }

  void Observe(Replica& replica, const Observation& seen) {
    replica.since = std::min(replica.since, now_);  // a clock that went back must not stretch a wait
    if (seen.alive && seen.process) replica.process = seen.process;
    const bool leaving = !Wanted(replica) && seen.alive && replica.state != ReplicaState::kDraining;
    if (leaving) return Do(Kind::kTerminate, replica, ReplicaState::kDraining, "stopped on request");
    if (TakesTooMuch(seen) && replica.state != ReplicaState::kDraining) return EndForMemory(replica, seen);
    switch (replica.state) {
      case ReplicaState::kStopped: return WhenStopped(replica, seen);
      case ReplicaState::kStarting: return WhenStarting(replica, seen);
      case ReplicaState::kRunning:
      case ReplicaState::kUnhealthy: return WhenRunning(replica, seen);
      case ReplicaState::kDraining: return WhenDraining(replica, seen);
      case ReplicaState::kBackoff: return WhenBackoff(replica, seen);
      case ReplicaState::kGaveUp: return WhenGaveUp(replica, seen);
    }
  }

  bool TakesTooMuch(const Observation& seen) const {
    return seen.alive && spec_.memory_megabytes > 0 && Megabytes(seen) > spec_.memory_megabytes;
  }
  static int64_t Megabytes(const Observation& seen) {
    return static_cast<int64_t>(seen.resident_bytes.value_or(0) >> 20U);
  }

  // Also without a budget: the limit protects the others. Whether it comes back is decided when it has ended.
  void EndForMemory(Replica& replica, const Observation& seen) {
    FailTurn(replica);
    Do(Kind::kTerminate, replica, ReplicaState::kDraining,
       "took " + std::to_string(Megabytes(seen)) + " MiB of memory, more than its " +
           std::to_string(spec_.memory_megabytes));
  }

  void WhenStopped(Replica& replica, const Observation& seen) {
    if (seen.alive) return Enter(replica, ReplicaState::kStarting, "found running");
    if (Wanted(replica)) Do(Kind::kStart, replica, ReplicaState::kStarting, "started");
  }

  void WhenStarting(Replica& replica, const Observation& seen) {
    if (!seen.alive) return Failed(replica, "ended while starting");
    if (seen.healthy == true && seen.ready.value_or(true)) return Enter(replica, ReplicaState::kRunning, "");
    if (now_ - replica.since < spec_.start_grace) return;
    // It answers but is not ready (no model, say): a restart would not help.
    if (seen.healthy == true) return Enter(replica, ReplicaState::kRunning, "answers, but is not ready");
    if (seen.healthy == false) Restart(replica, "did not become healthy");
  }

  void WhenRunning(Replica& replica, const Observation& seen) {
    if (!seen.alive) return Failed(replica, "ended");
    if (!seen.healthy) return;
    if (*seen.healthy) {
      if (replica.state == ReplicaState::kUnhealthy) Enter(replica, ReplicaState::kRunning, "");
      if (seen.ready == true) replica.reason.clear();
      replica.failed_probes = 0;
      return;
    }
    if (++replica.failed_probes < spec_.unhealthy_after) return;
    const int failed = replica.failed_probes;
    if (replica.state == ReplicaState::kRunning) Enter(replica, ReplicaState::kUnhealthy, "");
    Restart(replica, "failed " + std::to_string(failed) + " health probes");
  }

  // It is alive and no good. Its restart costs budget when it has ended; without any it is left alone.
  void Restart(Replica& replica, const std::string& why) {
    FailTurn(replica);
    std::vector<WallTime> before = replica.restarts;
    const bool may = TakeBudget(replica);
    replica.restarts = std::move(before);
    if (!may) return GiveUp(replica, why);
    if (spec_.managed_by != ManagedBy::kVigia) {
      TakeBudget(replica);
      return Do(Kind::kRestart, replica, ReplicaState::kStarting, why);
    }
    Do(Kind::kTerminate, replica, ReplicaState::kDraining, why);
  }

  void WhenDraining(Replica& replica, const Observation& seen) {
    if (seen.alive) {
      if (now_ - replica.since >= spec_.drain)
        decision_.effects.push_back({Kind::kKill, replica.index, "did not end in time"});
      return;
    }
    if (!Wanted(replica)) return Enter(replica, ReplicaState::kStopped, "stopped");
    if (decision_.state.rolling == replica.index) {
      return Do(Kind::kStart, replica, ReplicaState::kStarting, "started again, in its turn");
    }
    Failed(replica, replica.reason);
  }

  void WhenBackoff(Replica& replica, const Observation& seen) {
    if (seen.alive) return Enter(replica, ReplicaState::kStarting, "found running");
    if (!Wanted(replica)) return Enter(replica, ReplicaState::kStopped, "stopped");
    const bool clock_went_back = replica.not_before - now_ > spec_.backoff_longest;
    if (now_ < replica.not_before && !clock_went_back) return;
    Do(Kind::kStart, replica, ReplicaState::kStarting, "started again: " + replica.reason);
  }

  void WhenGaveUp(Replica& replica, const Observation& seen) {
    if (!Wanted(replica)) return Enter(replica, ReplicaState::kStopped, "stopped");
    if (seen.alive && seen.healthy == true) Enter(replica, ReplicaState::kRunning, "healthy again");
  }

  Replica* Find(int index) {
    for (Replica& replica : replicas()) {
      if (replica.index == index) return &replica;
    }
    return nullptr;
  }

  void Roll(const std::vector<Observation>& observations) {
    std::optional<int>& rolling = decision_.state.rolling;
    if (rolling) {
      const Replica* in_turn = Find(*rolling);
      if (in_turn != nullptr &&
          (in_turn->state == ReplicaState::kDraining || in_turn->state == ReplicaState::kStarting)) {
        return;
      }
      // Came back without a flaw, or else the others keep what they have.
      const bool good = in_turn != nullptr && in_turn->state == ReplicaState::kRunning && in_turn->reason.empty();
      rolling.reset();
      if (!good) EndRoll();
    }
    const bool one_gave_up = std::any_of(replicas().begin(), replicas().end(), [](const Replica& replica) {
      return replica.state == ReplicaState::kGaveUp && !replica.restart_asked;
    });
    if (one_gave_up) EndRoll();
    Replica* next = NextTurn();
    if (next == nullptr) return;
    const bool alive = std::any_of(observations.begin(), observations.end(),
                                   [&](const Observation& seen) { return seen.replica == next->index && seen.alive; });
    next->restart_asked = false;
    rolling = next->index;
    if (!alive) {
      if (next->state != ReplicaState::kStarting) {
        Do(Kind::kStart, *next, ReplicaState::kStarting, "started on request");
      }
    } else if (spec_.managed_by != ManagedBy::kVigia) {
      Do(Kind::kRestart, *next, ReplicaState::kStarting, "restarted on request");
    } else {
      Do(Kind::kTerminate, *next, ReplicaState::kDraining, "restarted on request");
    }
  }

  // What fails in its turn ends the rolling restart: the others keep what they have.
  void FailTurn(const Replica& replica) {
    if (decision_.state.rolling != replica.index) return;
    decision_.state.rolling.reset();
    EndRoll();
  }

  void EndRoll() {
    for (Replica& replica : replicas()) replica.restart_asked = false;
  }

  // First those that do not run; a running one only when all others run.
  Replica* NextTurn() {
    const auto runs = [](const Replica& replica) { return replica.state == ReplicaState::kRunning; };
    for (Replica& replica : replicas()) {
      if (replica.restart_asked && !runs(replica) && replica.state != ReplicaState::kDraining) return &replica;
    }
    if (!std::all_of(replicas().begin(), replicas().end(), runs)) return nullptr;
    for (Replica& replica : replicas()) {
      if (replica.restart_asked) return &replica;
    }
    return nullptr;
  }

  const ServiceSpec& spec_;
  const WallTime now_;
  Decision decision_;
};

}  // namespace

Decision Decide(const ServiceSpec& spec, ServiceState state, const std::vector<Observation>& observations,
                Request request, WallTime now) {
  return Decider(spec, std::move(state), now).Run(observations, request);
}

}  // namespace vigia::supervisor
