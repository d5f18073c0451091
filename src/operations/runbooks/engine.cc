#include "runbooks/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/map_reader.h"
#include "incidents/kinds.h"
#include "runbooks/document.h"
#include "runbooks/execution.h"

namespace vigia::runbooks {
namespace {

namespace kinds = incidents::kinds;
constexpr int kMostTurns = 10'000;  // of one decision; a runbook has far fewer states than that

// Without a verify of its own a runbook believes its alert, three times in a row.
const Verify kAlertVerify{nullptr, Duration::zero(), std::chrono::seconds(5), 3, 0, std::chrono::minutes(5)};

}  // namespace

Run CreateRun(const Runbook& runbook, const Creation& creation, WallTime now) {
  Run run;
  run.id = creation.id;
  run.runbook = runbook.name;
  run.runbook_hash = runbook.hash;
  run.incident = creation.incident;
  run.key = creation.key;
  run.labels = creation.labels;
  run.mode = creation.mode.value_or(runbook.mode);
  run.by_hand = creation.by_hand;
  run.created_at = now;
  run.state_since = now;
  run.deadline = now + runbook.guards.deadline;
  const Json document = {{"labels", creation.labels.ToJson()}};
  for (const jq::Template& lock : runbook.guards.locks) {
    // A lock whose label is missing is taken under its template's text: better one lock too many.
    run.locks.push_back(lock.Render(document).ok() ? lock.Render(document).value() : lock.text());
  }
  return run;
}

Decision Decide(const Runbook& runbook, Run run, const Snapshot& snapshot) {
  return Execution(runbook, std::move(run), snapshot).Decide();
}

namespace {

// The action in flight, if any, may still take its time.
bool WaitsForAnAction(const Runbook& runbook, const Run& run, WallTime now) {
  for (const auto& [id, record] : run.steps) {
    if (record.state != StepState::kIntent || record.action.empty()) continue;
    const Step* step = FindStep(runbook, id);
    const auto* act = step != nullptr ? std::get_if<Act>(&step->what) : nullptr;
    if (act == nullptr) return false;  // an undo: rare, and short
    const Duration limit = record.probing && act->probe ? act->probe->timeout : act->timeout;
    return now - record.intent_at <= limit;
  }
  return false;
}

}  // namespace

bool IsIdle(const Runbook& runbook, const Run& run, bool alert_firing, WallTime now) {
  if (WaitsForAnAction(runbook, run, now)) return true;
  switch (run.state) {
    case RunState::kResolved: return true;
    case RunState::kEscalated: return now < run.next_look || (alert_firing && run.passes == 0);
    case RunState::kVerifying: return now < run.next_look && (now < run.deadline || run.reverted);
    case RunState::kHolding: return now < run.next_look;
    default: return false;
  }
}

Run Recover(Run run, WallTime now) {
  for (auto& [id, record] : run.steps) {
    if (record.state != StepState::kIntent || record.action.empty()) continue;
    record.action.clear();
    record.finished_at = now;
    record.state = record.wrote ? StepState::kUnknown : StepState::kPending;
    record.lost = record.wrote && !record.probing ? true : record.lost;
    record.probing = false;
  }
  return run;
}

std::vector<std::string> InFlight(const Run& run) {
  std::vector<std::string> keys;
  for (const auto& [id, record] : run.steps) {
    if (record.state == StepState::kIntent && !record.action.empty()) keys.push_back(record.action);
  }
  return keys;
}

std::vector<std::string> Plan(const Runbook& runbook, const Json& document) {
  std::vector<std::string> commands;
  for (const Attempt& attempt : runbook.mitigate) {
    for (const Step& step : attempt.steps) {
      if (const auto* act = std::get_if<Act>(&step.what)) {
        const auto rendered = Render(act->command, document);
        commands.push_back(rendered.ok() ? TypedCommand(*rendered) : CommandText(act->command));
      } else if (const auto* wait = std::get_if<Wait>(&step.what)) {
        commands.push_back("sleep " + FormatNumber(static_cast<double>(wait->length.count()) / 1e6));
      } else if (const auto* assertion = std::get_if<Assert>(&step.what)) {
        commands.push_back("# only if: " + assertion->that->expression());
      } else {
        commands.push_back("# only after approval by " + Join(std::get<Approve>(step.what).by, ", "));
      }
    }
  }
  return commands;
}

Decision Execution::Decide() && {
  int turns = 0;
  while (Advance() == Flow::kAgain) CHECK(++turns < kMostTurns, "a runbook's decision does not end");
  return {std::move(run_), std::move(effects_), changed_};
}

Execution::Flow Execution::Advance() {
  if (PastDeadline()) return Flow::kStop;
  switch (run_.state) {
    case RunState::kQueued: return OnQueued();
    case RunState::kDiagnosing: return OnDiagnosing();
    case RunState::kMitigating: return OnMitigating();
    case RunState::kVerifying: return OnVerifying();
    case RunState::kUndoing:
    case RunState::kReverting: return OnUndoing();
    case RunState::kHolding: return OnHolding();
    case RunState::kEscalated: return OnEscalated();
    case RunState::kResolved: return Flow::kStop;
  }
  return Flow::kStop;
}

// Hands over at the deadline. What is in flight is waited for first: its own timeout bounds it, and
// what nobody knows the outcome of must be said.
bool Execution::PastDeadline() {
  const bool bounded =
      run_.state != RunState::kHolding && run_.state != RunState::kReverting && !IsOver(run_.state) && !run_.reverted;
  if (!bounded || now_ < run_.deadline || AnythingInFlight()) return false;
  if (AnythingUnknown()) {
    HandOver(Reason::kUnknownOutcome, "the deadline came while it was not known whether a step had taken effect");
  } else {
    HandOver(Reason::kDeadline, "not healed within " + config::FormatDuration(run_.deadline - run_.created_at));
  }
  return true;
}

// The alert went away before anything was written: nothing to mend, only to verify.
bool Execution::TakeClearedPath() {
  if (snapshot_.alert_firing || run_.by_hand || run_.wrote || run_.cleared_failed) return false;
  if (runbook_.on_resolve == OnResolve::kStop) {
    Resolve("the alert cleared before anything was done");
    return true;
  }
  run_.cleared = true;
  Enter(RunState::kVerifying, "the alert cleared before anything was done");
  return true;
}

Execution::Flow Execution::OnQueued() {
  if (TakeClearedPath()) return Flow::kAgain;
  const GuardVerdict verdict = MayBegin(runbook_.guards, run_, snapshot_.guards, now_);
  if (verdict.kind == GuardVerdict::Kind::kDeny) {
    Say(kinds::kGuard, "refused: " + verdict.why);
    HandOver(Reason::kGuardDenied, verdict.why);
    return Flow::kStop;
  }
  if (verdict.kind == GuardVerdict::Kind::kWait) {
    if (run_.detail != verdict.why) {
      run_.detail = verdict.why;
      Say(kinds::kGuard, "waits: " + verdict.why);
    }
    return Flow::kStop;
  }
  run_.holds_locks = true;
  run_.detail.clear();
  run_.step = 0;
  Enter(RunState::kDiagnosing, "guards passed");
  return Flow::kAgain;
}

Execution::Flow Execution::OnDiagnosing() {
  switch (RunSteps(runbook_.diagnose)) {
    case Steps::kWaiting:
    case Steps::kHandedOver: return Flow::kStop;
    case Steps::kFailed:
    case Steps::kDone: break;
  }
  if (TakeClearedPath()) return Flow::kAgain;
  if (run_.mode == Mode::kDryRun) {
    DryRun();
    return Flow::kStop;
  }
  run_.attempt = 0;
  run_.step = 0;
  Enter(RunState::kMitigating, "diagnosis is done");
  return Flow::kAgain;
}

Execution::Flow Execution::OnMitigating() {
  if (run_.attempt >= runbook_.mitigate.size()) {
    HandOver(Reason::kExhausted, runbook_.mitigate.empty() ? "this runbook leaves the decision to people"
                                                           : "every attempt was tried or did not apply");
    return Flow::kStop;
  }
  const Attempt& attempt = runbook_.mitigate[run_.attempt];
  if (run_.step == 0 && attempt.condition != nullptr && run_.steps.count(attempt.steps.front().id) == 0 &&
      attempt.condition->Test(Document()) != jq::Verdict::kTrue) {
    Say(kinds::kRunState, "attempt '" + attempt.name + "' does not apply");
    ++run_.attempt;
    return Flow::kAgain;
  }
  switch (RunSteps(attempt.steps)) {
    case Steps::kWaiting:
    case Steps::kHandedOver: return Flow::kStop;
    case Steps::kFailed: Enter(RunState::kUndoing, "attempt '" + attempt.name + "' failed"); return Flow::kAgain;
    case Steps::kDone: Enter(RunState::kVerifying, "attempt '" + attempt.name + "' is done"); return Flow::kAgain;
  }
  return Flow::kStop;
}

const Verify& Execution::VerifyWindow() const { return runbook_.verify ? *runbook_.verify : kAlertVerify; }

jq::Verdict Execution::VerifyVerdict() {
  const Verify& verify = VerifyWindow();
  if (verify.when != nullptr) return verify.when->Test(Document());
  return snapshot_.alert_firing ? jq::Verdict::kFalse : jq::Verdict::kTrue;
}

Execution::Look Execution::LookAtVerify() {
  const Verify& verify = VerifyWindow();
  if (now_ < run_.state_since + verify.after || now_ < run_.next_look) return Look::kNotYet;
  run_.next_look = now_ + verify.every;
  changed_ = true;
  const jq::Verdict verdict = VerifyVerdict();
  run_.passes = verdict == jq::Verdict::kTrue ? run_.passes + 1 : 0;
  run_.failures = verdict == jq::Verdict::kFalse ? run_.failures + 1 : 0;
  if (run_.passes >= verify.need) return Look::kPassed;
  if (verify.fail_after > 0 && run_.failures >= verify.fail_after) return Look::kFailed;
  const bool over = now_ >= run_.state_since + verify.after + verify.timeout;
  if (!over || run_.passes > 0) return Look::kNotYet;
  return run_.failures > 0 ? Look::kFailed : Look::kInconclusive;
}

Execution::Flow Execution::OnVerifying() {
  switch (LookAtVerify()) {
    case Look::kNotYet: return Flow::kStop;
    case Look::kPassed: Verified(); return Flow::kAgain;
    case Look::kFailed: VerifyFailed(); return Flow::kAgain;
    case Look::kInconclusive:
      Say(kinds::kVerify, "inconclusive: there is no data to judge by");
      HandOver(Reason::kInconclusive, "verify has no data to judge by");
      return Flow::kStop;
  }
  return Flow::kStop;
}

void Execution::Verified() {
  Say(kinds::kVerify, fmt::format("passed {} times in a row", run_.passes));
  if (runbook_.revert && !run_.reverted && !run_.cleared) {
    effects_.mitigated = true;
    run_.main_road_since.reset();
    Enter(RunState::kHolding, "healed by a detour; waits until the way back is open");
    return;
  }
  Resolve(run_.cleared ? "verified: healthy again without our doing" : "verified healed");
}

void Execution::VerifyFailed() {
  Say(kinds::kVerify, "failed");
  if (run_.reverted) {
    HandOver(Reason::kRevertFailed, "not healthy after going back");
  } else if (run_.cleared) {
    run_.cleared = false;
    run_.cleared_failed = true;
    run_.step = 0;
    Enter(RunState::kQueued, "the alert cleared, but it is not healthy");
  } else {
    Enter(RunState::kUndoing, "the attempt did not help");
  }
}

// Undoes what the attempt wrote, last first; then the next attempt, or, on the way back, verify.
Execution::Flow Execution::OnUndoing() {
  const std::vector<Step>& steps = runbook_.mitigate[run_.attempt].steps;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const auto* act = std::get_if<Act>(&step->what);
    const auto record = run_.steps.find(step->id);
    if (act == nullptr || !act->undo || record == run_.steps.end()) continue;
    if (!record->second.wrote || record->second.undone) continue;
    const Step undo = UndoStep(*step, *act);
    switch (RunAct(undo, std::get<Act>(undo.what), run_.steps[undo.id], false)) {
      case Steps::kWaiting:
      case Steps::kHandedOver: return Flow::kStop;
      case Steps::kFailed:
        HandOver(Reason::kUndoFailed, "the undo of step '" + step->id + "' failed");
        return Flow::kStop;
      case Steps::kDone: run_.steps[step->id].undone = true; changed_ = true;
    }
  }
  if (run_.state == RunState::kReverting) {
    run_.reverted = true;
    Enter(RunState::kVerifying, "went back");
    return Flow::kAgain;
  }
  ++run_.attempt;
  run_.step = 0;
  Enter(RunState::kMitigating, "next attempt");
  return Flow::kAgain;
}

Execution::Flow Execution::OnHolding() {
  const Revert& revert = *runbook_.revert;
  if (now_ - run_.state_since >= revert.max_hold) {
    HandOver(Reason::kHoldExpired, "on the detour for " + config::FormatDuration(revert.max_hold));
    return Flow::kStop;
  }
  if (now_ < run_.next_look) return Flow::kStop;
  run_.next_look = now_ + VerifyWindow().every;
  changed_ = true;
  if (revert.when->Test(Document()) != jq::Verdict::kTrue) {
    run_.main_road_since.reset();
    return Flow::kStop;
  }
  if (!run_.main_road_since) run_.main_road_since = now_;
  if (now_ - *run_.main_road_since < revert.hold) return Flow::kStop;
  Enter(RunState::kReverting, "the way back is open");
  return Flow::kAgain;
}

// People have it. What heals by their hands is seen as well, unless nobody knows what a step did.
Execution::Flow Execution::OnEscalated() {
  if (run_.reason == Reason::kUnknownOutcome || run_.reason == Reason::kUndoFailed) return Flow::kStop;
  if (snapshot_.alert_firing) {
    changed_ = changed_ || run_.passes > 0;
    run_.passes = 0;
    return Flow::kStop;
  }
  const Verify& verify = VerifyWindow();
  if (now_ < run_.next_look) return Flow::kStop;
  run_.next_look = now_ + verify.every;
  const int passes = VerifyVerdict() == jq::Verdict::kTrue ? run_.passes + 1 : 0;
  changed_ = changed_ || passes != run_.passes;
  run_.passes = passes;
  if (run_.passes < verify.need) return Flow::kStop;
  Resolve("verified: healthy again after people were called");
  return Flow::kStop;
}

void Execution::DryRun() {
  for (const std::string& command : Plan(runbook_, Document())) Say(kinds::kNote, "would run: " + command);
  HandOver(Reason::kDryRun, "the runbook is in dry-run mode");
}

void Execution::Enter(RunState state, const std::string& why) {
  run_.state = state;
  run_.state_since = now_;
  run_.next_look = now_;
  run_.passes = 0;
  run_.failures = 0;
  changed_ = true;
  Say(kinds::kRunState, std::string(RunStateName(state)) + ": " + why);
}

void Execution::Resolve(const std::string& why) {
  effects_.resolved = true;
  effects_.detail = why;
  run_.finished_at = run_.finished_at.value_or(now_);
  run_.holds_locks = false;
  Enter(RunState::kResolved, why);
}

void Execution::HandOver(Reason reason, const std::string& detail) {
  effects_.escalate = reason;
  effects_.detail = detail;
  run_.reason = reason;
  run_.detail = detail;
  run_.finished_at = now_;
  run_.holds_locks = false;
  run_.waiting.reset();
  Enter(RunState::kEscalated, std::string(ReasonName(reason)) + ", " + detail);
}

Json Execution::Document() const { return RunDocument(runbook_, run_, snapshot_.document, now_); }

Json Execution::Document(const Step& step, const StepRecord& record) const {
  Json document = Document();
  document["step"] = StepDocument(step, record);
  return document;
}

incidents::TimelineEntry& Execution::Say(const char* kind, std::string text, std::string ref) {
  incidents::TimelineEntry entry;
  entry.at = now_;
  entry.actor = incidents::Actor::kRunbook;
  entry.who = runbook_.name;
  entry.kind = kind;
  entry.text = std::move(text);
  entry.ref = std::move(ref);
  effects_.entries.push_back(std::move(entry));
  changed_ = true;
  return effects_.entries.back();
}

}  // namespace vigia::runbooks
