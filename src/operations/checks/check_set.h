// Many checks over one view of signals: which are due, their instances, and what changed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "checks/alert.h"

namespace vigia::checks {

struct Health {  // of a check's instances
  int total = 0;
  int firing = 0;
};

// Not thread-safe. The view outlives it.
class CheckSet {
 public:
  // REQUIRES: unique names.
  CheckSet(std::vector<Check> checks, signals::SignalView& view);
  ~CheckSet();

  struct Changed {
    Alert alert;
    Change change;
  };
  // Evaluates the checks that are due and returns the alerts that changed state (or became or ceased
  // to be unknown or flapping). The changes are in force at once; Commit is not needed.
  std::vector<Changed> Evaluate(WallTime now);

  // Alerts that were stored, taken in before the first evaluation; see Restore.
  void Load(const std::vector<Alert>& alerts, WallTime last_seen, WallTime now);

  const Check* Find(const std::string& name) const;
  // The alert of an instance; nullptr when the instance was never seen.
  const Alert* FindAlert(const std::string& check, const signals::LabelSet& labels) const;
  // Pending and firing alerts, by check and labels.
  std::vector<Alert> Active() const;
  // Firing alerts of a check whose labels have all of `labels`.
  bool Firing(const std::string& check, const signals::LabelSet& labels) const;
  // Every instance of the check with these labels is inactive and known.
  bool Quiet(const std::string& check, const signals::LabelSet& labels) const;
  Health HealthOf(const std::string& check, const signals::LabelSet& labels) const;
  const std::vector<Check>& checks() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vigia::checks
