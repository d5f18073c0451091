// May this run act now? Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "runbooks/run.h"

namespace vigia::runbooks {

// An earlier run of the same runbook and key that wrote something.
struct PastRun {
  WallTime created_at{};
  std::optional<WallTime> finished_at;
};

// What the controller knows about the world, gathered at `now`.
struct GuardFacts {
  std::vector<PastRun> past;              // same runbook and key, this run not among them
  std::set<std::string> locks_of_others;  // held by other runs
  int running = 0;                        // other runs of this runbook that are past the queue
  int targets_in_group = 0;               // … in this run's blast-radius group
  int instances = 0;                      // of the trigger check in the group
  int instances_firing = 0;
  std::set<std::string> windows;  // that are open now
};

struct GuardVerdict {
  enum class Kind { kAllow, kWait, kDeny };
  Kind kind = Kind::kAllow;
  std::string why;
};

// Before a run leaves the queue.
GuardVerdict MayBegin(const Guards& guards, const Run& run, const GuardFacts& facts, WallTime now);
// Before every write. `document` has .step.
GuardVerdict MayWrite(const Guards& guards, const GuardFacts& facts, const Json& document);

}  // namespace vigia::runbooks
