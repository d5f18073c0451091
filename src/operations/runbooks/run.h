// A run: one journaled execution of a runbook for one incident. Stored whole after each decision,
// before what was decided is done.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "runbooks/runbook.h"

namespace vigia::runbooks {

enum class RunState {
  kQueued,  // guards and locks
  kDiagnosing,
  kMitigating,
  kVerifying,
  kUndoing,  // of an attempt that did not help
  kHolding,  // healed by a detour, waiting for the main road
  kReverting,
  kResolved,   // proved healed
  kEscalated,  // people have it; watched until it is healed
};
std::string_view RunStateName(RunState state);
// Nothing more will be done by this run. An escalated one only watches.
inline bool IsOver(RunState state) { return state == RunState::kResolved || state == RunState::kEscalated; }

enum class StepState { kPending, kIntent, kDone, kFailed, kUnknown, kSkipped };
std::string_view StepStateName(StepState state);

struct StepRecord {
  StepState state = StepState::kPending;
  bool probing = false;  // what is in flight is the probe
  int tries = 0;         // acts begun
  int probes = 0;        // probes begun since the last act
  bool wrote = false;    // an act of a write began
  bool lost = false;     // the last act ended without anybody knowing how
  bool undone = false;
  std::string action;   // key of what is in flight
  std::string command;  // as typed
  WallTime intent_at{};
  WallTime finished_at{};
  WallTime not_before{};  // backoff before the next act or probe
  int exit = 0;
  int status = 0;
  Json out;
  std::string text;
};

struct Waiting {      // for an approval
  std::string scope;  // "attempt:NAME" or "step:ID"
  std::string step;
  WallTime since{};
  std::vector<std::string> given_by;
};

struct Run {
  std::string id;  // "RUN-000042"
  std::string runbook;
  std::string runbook_hash;
  std::string incident;
  std::string key;
  signals::LabelSet labels;
  Mode mode = Mode::kAuto;
  RunState state = RunState::kQueued;
  WallTime created_at{};
  WallTime state_since{};
  WallTime deadline{};
  std::optional<WallTime> finished_at;
  std::optional<Reason> reason;    // of an escalation
  std::string detail;              // its sentence; while queued, what it waits for
  std::vector<std::string> locks;  // rendered
  bool holds_locks = false;
  bool wrote = false;  // counts for cooldown and caps
  size_t attempt = 0;
  size_t step = 0;
  bool reverted = false;                    // the verify is of the way back
  bool by_hand = false;                     // a person started it: no alert needs to fire
  bool cleared = false;                     // the alert went away before anything was written: only verify
  bool cleared_failed = false;              // and verify said no: the ladder is gone through
  std::map<std::string, StepRecord> steps;  // by step id, "ID.undo" for undos
  std::vector<std::string> approved;        // scopes
  std::optional<Waiting> waiting;
  // The verify window.
  WallTime next_look{};
  int passes = 0;
  int failures = 0;
  std::optional<WallTime> main_road_since;  // Revert.when true since

  Json ToJson() const;
  static Result<Run> FromJson(const Json& json);
};

}  // namespace vigia::runbooks
