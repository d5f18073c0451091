// The runbook engine: (runbook, run, snapshot) -> (run', effects). Pure; it never acts, waits or
// reads a clock. The caller commits run' and the entries first and then carries the effects out, so
// an action is never begun before its intent is durable.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "incidents/incident.h"
#include "runbooks/action.h"
#include "runbooks/guards.h"
#include "runbooks/run.h"

namespace vigia::runbooks {

struct ApprovalGiven {
  std::string scope;
  std::string person;
  std::vector<std::string> roles;
  bool granted = true;
};

// Everything a decision depends on.
struct Snapshot {
  WallTime now{};
  // {labels, alert, incident, signals, checks}; the engine adds {run, steps, step, now}.
  Json document;
  bool alert_firing = true;
  GuardFacts guards;
  std::vector<ActionResult> results;     // of this run; others are ignored
  std::vector<ApprovalGiven> approvals;  // new since the last decision
};

struct ApprovalAsked {
  std::string scope;
  std::string step;
  std::string command;
  Approve ask;
};

struct Effects {
  std::vector<ActionRequest> start;
  std::vector<std::string> kill;
  std::vector<ApprovalAsked> ask;
  std::optional<Reason> escalate;  // hand over to people
  std::string detail;
  bool mitigated = false;
  bool resolved = false;
  std::vector<incidents::TimelineEntry> entries;
};

struct Decision {
  Run run;
  Effects effects;
  bool changed = false;  // the run is not as it was: it must be stored
};

struct Creation {
  std::string id;
  std::string incident;
  std::string key;
  signals::LabelSet labels;
  std::optional<Mode> mode;  // else the runbook's
  bool by_hand = false;
};
Run CreateRun(const Runbook& runbook, const Creation& creation, WallTime now);

// Goes on as far as it can without new facts. The same arguments give the same decision.
Decision Decide(const Runbook& runbook, Run run, const Snapshot& snapshot);

// Decide would change nothing now, whatever the document says and as long as there is no new result:
// saves gathering it.
bool IsIdle(const Runbook& runbook, const Run& run, bool alert_firing, WallTime now);

// After a restart or a take-over, before the first Decide: an intent without an outcome becomes
// unknown, to be probed, retried when idempotent, or handed to a person. Call it only when
// ActionRunner::IsRunning says no for the run's action in flight.
Run Recover(Run run, WallTime now);
// The keys in flight.
std::vector<std::string> InFlight(const Run& run);

// What a dry run prints: every command of every attempt in order, rendered as far as the document
// allows ({{ … }} stays where it needs an earlier step's output).
std::vector<std::string> Plan(const Runbook& runbook, const Json& document);

}  // namespace vigia::runbooks
