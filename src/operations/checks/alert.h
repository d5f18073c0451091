// An alert: the state of one instance of a check. A pure state machine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/json.h"
#include "checks/check.h"

namespace vigia::checks {

enum class AlertState { kInactive, kPending, kFiring };
std::string_view AlertStateName(AlertState state);

struct Alert {
  std::string check;
  signals::LabelSet instance;  // what tells it from the check's other alerts
  signals::LabelSet labels;    // the instance's and the check's, alertname and severity
  Severity severity = Severity::kP3;
  AlertState state = AlertState::kInactive;
  bool unknown = false;  // the last evaluation had no data
  bool flapping = false;
  WallTime since{};                                // of the state
  WallTime last_true{};                            // newest evaluation that was true
  std::optional<double> value;                     // at the last evaluation
  uint32_t history = 0;                            // last 21 results, newest in bit 0
  int results = 0;                                 // how many of them there are
  std::string source;                              // empty: our check; else who sent it
  std::optional<WallTime> ends_at;                 // of a sent one: resolved then, unless sent again
  std::map<std::string, std::string> annotations;  // of a sent one; ours are the check's
  std::string generator_url;                       // of a sent one
  std::string fingerprint() const { return signals::FormatFingerprint(labels.Fingerprint()); }

  Json ToJson() const;
  static Result<Alert> FromJson(const Json& json);
};

enum class Change { kNone, kPending, kFired, kResolved, kDropped };  // dropped: pending no more

struct Step {
  Alert alert;
  Change change = Change::kNone;
};

// One evaluation. (alert, observation, now) -> alert'.
Step Advance(const Check& check, Alert alert, const Observation& observation, WallTime now);

// The weighted share of changes in the history, in [0, 1]; 0 before 21 results.
double FlapShare(uint32_t history, int results);

// After a restart: `for` goes on when we were away for at most an hour, with at least
// `grace` still to go; a pending alert that is older starts again.
Alert Restore(const Check& check, Alert alert, WallTime last_seen, WallTime now);

}  // namespace vigia::checks
