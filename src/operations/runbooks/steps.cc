// The states of a step: pending -> intent -> done | failed | unknown; unknown -> probe -> done or again.
#include <algorithm>

#include "config/map_reader.h"
#include "incidents/kinds.h"
#include "runbooks/document.h"
#include "runbooks/execution.h"

namespace vigia::runbooks {
namespace {

namespace kinds = incidents::kinds;
constexpr Duration kRunnerGrace = std::chrono::seconds(10);  // the runner's own timeout comes first
constexpr int kProbes = 3;                                   // without an answer, then a person is asked
constexpr int kUndoRetries = 2;

Duration Backoff(Duration first, int tries) { return first * (1LL << std::min(tries - 1, 16)); }

bool Writes(const Act& act) { return act.effect != Effect::kRead; }

std::string_view EndName(ActionResult::End end) {
  switch (end) {
    case ActionResult::End::kDone: return "done";
    case ActionResult::End::kFailed: return "failed";
    case ActionResult::End::kNotStarted: return "not started";
    case ActionResult::End::kLost: return "outcome unknown";
  }
  return "";
}

Json Evidence(const ActionResult& result) {
  Json evidence = {
      {"end", EndName(result.end)}, {"seconds", static_cast<double>(result.took.count()) / 1e6}, {"exit", result.exit}};
  if (result.status != 0) evidence["status"] = result.status;
  if (!result.out.is_null()) evidence["out"] = result.out;
  if (!result.text.empty()) evidence["text"] = result.text;
  return evidence;
}

bool Permitted(const Approve& ask, const ApprovalGiven& given) {
  return std::any_of(ask.by.begin(), ask.by.end(), [&](const std::string& who) {
    if (who == "person:" + given.person) return true;
    return std::any_of(given.roles.begin(), given.roles.end(),
                       [&](const std::string& role) { return who == "role:" + role; });
  });
}

}  // namespace

Step UndoStep(const Step& step, const Act& act) {
  Act undo;
  undo.command = *act.undo;
  undo.effect = Effect::kWrite;
  undo.idempotent = true;  // the linter sees to it
  undo.timeout = act.undo_timeout;
  undo.retry.max = kUndoRetries;
  Step made;
  made.id = step.id + ".undo";
  made.line = step.line;
  made.what = std::move(undo);
  return made;
}

Execution::Steps Execution::RunSteps(const std::vector<Step>& steps) {
  while (run_.step < steps.size()) {
    const Steps came = RunStep(steps[run_.step]);
    if (came != Steps::kDone) return came;
    ++run_.step;
    changed_ = true;
  }
  return Steps::kDone;
}

// kDone: go on with the next one (it may also have been skipped, or failed and be of no matter).
Execution::Steps Execution::RunStep(const Step& step) {
  StepRecord& record = run_.steps[step.id];
  if (record.state == StepState::kSkipped) return Steps::kDone;
  if (record.state == StepState::kPending && record.tries == 0 && step.condition != nullptr &&
      step.condition->Test(Document(step, record)) != jq::Verdict::kTrue) {
    record.state = StepState::kSkipped;
    record.finished_at = now_;
    Say(kinds::kStepOutcome, "step '" + step.id + "' does not apply", step.id);
    return Steps::kDone;
  }
  Steps came = Steps::kWaiting;
  if (const auto* act = std::get_if<Act>(&step.what)) came = RunAct(step, *act, record, true);
  if (const auto* wait = std::get_if<Wait>(&step.what)) came = RunWait(step, *wait, record);
  if (const auto* assertion = std::get_if<Assert>(&step.what)) came = RunAssert(step, *assertion, record);
  if (const auto* approve = std::get_if<Approve>(&step.what)) came = RunApprove(step, *approve, record);
  return came == Steps::kFailed ? OnFailed(step) : came;
}

Execution::Steps Execution::OnFailed(const Step& step) {
  switch (step.on_failure) {
    case OnFailure::kContinue: return Steps::kDone;
    case OnFailure::kNextAttempt: return Steps::kFailed;
    case OnFailure::kEscalate:
      HandOver(Reason::kStepFailed, "step '" + step.id + "' failed");
      return Steps::kHandedOver;
  }
  return Steps::kFailed;
}

Execution::Steps Execution::RunWait(const Step& step, const Wait& what, StepRecord& record) {
  if (record.state == StepState::kDone) return Steps::kDone;
  if (record.state == StepState::kPending) {
    record.state = StepState::kIntent;
    record.intent_at = now_;
    Say(kinds::kStepIntent, "waits " + config::FormatDuration(what.length), step.id);
  }
  if (now_ - record.intent_at < what.length) return Steps::kWaiting;
  record.state = StepState::kDone;
  record.finished_at = now_;
  changed_ = true;
  return Steps::kDone;
}

Execution::Steps Execution::RunAssert(const Step& step, const Assert& what, StepRecord& record) {
  if (record.state == StepState::kDone) return Steps::kDone;
  if (record.state == StepState::kFailed) return Steps::kFailed;
  const jq::Verdict verdict = what.that->Test(Document(step, record));
  if (verdict != jq::Verdict::kTrue) {
    Fail(step, record,
         std::string(verdict == jq::Verdict::kFalse ? "not so: " : "not known: ") + what.that->expression());
    return Steps::kFailed;
  }
  record.state = StepState::kDone;
  record.finished_at = now_;
  Say(kinds::kStepOutcome, "it is so: " + what.that->expression(), step.id);
  return Steps::kDone;
}

Execution::Steps Execution::RunApprove(const Step& step, const Approve& what, StepRecord& record) {
  if (record.state == StepState::kDone) return Steps::kDone;
  switch (AskApproval("step:" + step.id, step, step.text, what)) {
    case Gate::kWaiting: return Steps::kWaiting;
    case Gate::kClosed: return Steps::kHandedOver;
    case Gate::kOpen: break;
  }
  record.state = StepState::kDone;
  record.finished_at = now_;
  changed_ = true;
  return Steps::kDone;
}

Execution::Steps Execution::RunAct(const Step& step, const Act& act, StepRecord& record, bool guarded) {
  if (record.state == StepState::kIntent) {
    std::optional<ActionResult> result = ResultOf(record.action);
    const Duration limit = record.probing ? act.probe->timeout : act.timeout;
    if (!result && now_ - record.intent_at > limit + kRunnerGrace) {
      effects_.kill.push_back(record.action);
      result = ActionResult{};
      result->end = ActionResult::End::kLost;
      result->text = "no answer within its timeout";
      result->took = now_ - record.intent_at;
    }
    if (!result) return Steps::kWaiting;
    record.probing ? TakeProbe(step, act, record, *result) : TakeResult(step, act, record, *result);
  }
  if (record.state == StepState::kUnknown) return SettleUnknown(step, act, record);
  if (record.state == StepState::kDone) return Steps::kDone;
  if (record.state == StepState::kFailed) return Steps::kFailed;
  if (now_ < record.not_before) return Steps::kWaiting;
  if (now_ >= run_.deadline && guarded) return Steps::kWaiting;  // PastDeadline hands over
  if (guarded && Writes(act)) {
    const Gate gate = MayAct(step, act, record);
    if (gate == Gate::kWaiting) return Steps::kWaiting;
    if (gate == Gate::kClosed) return Steps::kHandedOver;
  }
  BeginAct(step, act, record);
  return record.state == StepState::kFailed ? Steps::kFailed : Steps::kWaiting;
}

Execution::Gate Execution::MayAct(const Step& step, const Act& act, const StepRecord& record) {
  const Json document = Document(step, record);
  const GuardVerdict verdict = MayWrite(runbook_.guards, snapshot_.guards, document);
  if (verdict.kind != GuardVerdict::Kind::kAllow) {
    Say(kinds::kGuard, "refused: " + verdict.why, step.id);
    HandOver(Reason::kGuardDenied, verdict.why);
    return Gate::kClosed;
  }
  const auto rendered = Render(act.command, document);
  const std::string command = rendered.ok() ? TypedCommand(*rendered) : CommandText(act.command);
  const auto& rule = runbook_.guards.approval;
  const Approve ask = rule ? rule->ask : Approve{{"role:oncall"}, 1, std::chrono::minutes(10)};
  if (run_.mode == Mode::kApprove) {
    const Gate gate = AskApproval("attempt:" + runbook_.mitigate[run_.attempt].name, step, command, ask);
    if (gate != Gate::kOpen) return gate;
  }
  if (rule && rule->when != nullptr && rule->when->Test(document) != jq::Verdict::kFalse) {
    return AskApproval("step:" + step.id, step, command, ask);
  }
  return Gate::kOpen;
}

Execution::Gate Execution::AskApproval(const std::string& scope, const Step& step, const std::string& command,
                                       const Approve& ask) {
  if (std::find(run_.approved.begin(), run_.approved.end(), scope) != run_.approved.end()) return Gate::kOpen;
  if (!run_.waiting || run_.waiting->scope != scope) {
    run_.waiting = Waiting{scope, step.id, now_, {}};
    effects_.ask.push_back({scope, step.id, command, ask});
    Say(kinds::kApproval, "asks for approval (" + scope + "): " + command, step.id);
  }
  for (const ApprovalGiven& given : snapshot_.approvals) {
    if (given.scope != scope || !Permitted(ask, given)) continue;
    Say(kinds::kApproval, given.person + (given.granted ? " approved " : " refused ") + scope, step.id);
    if (!given.granted) {
      HandOver(Reason::kApprovalRefused, given.person + " refused " + scope);
      return Gate::kClosed;
    }
    auto& people = run_.waiting->given_by;
    if (std::find(people.begin(), people.end(), given.person) == people.end()) people.push_back(given.person);
  }
  if (static_cast<int>(run_.waiting->given_by.size()) >= ask.min) {
    run_.approved.push_back(scope);
    run_.waiting.reset();
    changed_ = true;
    return Gate::kOpen;
  }
  if (now_ - run_.waiting->since < ask.timeout) return Gate::kWaiting;
  HandOver(Reason::kApprovalTimeout, "nobody approved " + scope + " within " + config::FormatDuration(ask.timeout));
  return Gate::kClosed;
}

void Execution::BeginAct(const Step& step, const Act& act, StepRecord& record) {
  record.intent_at = now_;
  const auto rendered = Render(act.command, Document(step, record));
  if (!rendered.ok()) return Fail(step, record, rendered.error().message());
  ++record.tries;
  record.state = StepState::kIntent;
  record.probing = false;
  record.probes = 0;
  record.lost = false;
  record.action = run_.id + "/" + step.id + "/" + std::to_string(record.tries);
  record.command = TypedCommand(*rendered);
  if (Writes(act)) {
    record.wrote = true;
    run_.wrote = true;
  }
  effects_.start.push_back({record.action, *rendered, act.timeout});
  Say(kinds::kStepIntent, record.command, step.id).evidence = {
      {"command", record.command}, {"try", record.tries}, {"effect", EffectName(act.effect)}};
}

void Execution::BeginProbe(const Step& step, const Act& act, StepRecord& record) {
  const auto rendered = Render(act.probe->command, Document(step, record));
  ++record.probes;
  if (!rendered.ok()) {
    record.not_before = now_ + Backoff(std::chrono::seconds(1), record.probes);
    Say(kinds::kStepOutcome, "cannot probe: " + rendered.error().message(), step.id);
    return;
  }
  record.state = StepState::kIntent;
  record.probing = true;
  // The attempt's intent time stays: a probe asks what happened since then.
  record.action =
      run_.id + "/" + step.id + "/" + std::to_string(record.tries) + "/probe/" + std::to_string(record.probes);
  effects_.start.push_back({record.action, *rendered, act.probe->timeout});
  Say(kinds::kStepIntent, "probes whether it took effect: " + TypedCommand(*rendered), step.id);
}

// Nobody knows whether the act took effect: probe; else again when it is idempotent; else a person.
Execution::Steps Execution::SettleUnknown(const Step& step, const Act& act, StepRecord& record) {
  if (now_ < record.not_before) return Steps::kWaiting;
  if (act.probe && record.probes < kProbes) {
    BeginProbe(step, act, record);
    return Steps::kWaiting;
  }
  if (!act.idempotent) {
    HandOver(Reason::kUnknownOutcome, "nobody knows whether step '" + step.id + "' took effect");
    return Steps::kHandedOver;
  }
  RetryOrFail(act, record, std::max(act.retry.max, 1));
  return record.state == StepState::kFailed ? Steps::kFailed : Steps::kWaiting;
}

void Execution::TakeResult(const Step& step, const Act& act, StepRecord& record, const ActionResult& result) {
  record.action.clear();
  record.finished_at = now_;
  record.exit = result.exit;
  record.status = result.status;
  record.out = result.out;
  record.text = result.text;
  record.not_before = now_;
  Say(kinds::kStepOutcome, "step '" + step.id + "': " + std::string(EndName(result.end)), step.id).evidence =
      Evidence(result);
  switch (result.end) {
    case ActionResult::End::kDone: record.state = StepState::kDone; return;
    case ActionResult::End::kNotStarted: return RetryOrFail(act, record, act.retry.max);
    case ActionResult::End::kFailed:
      // A failure may have done half; only a probe or idempotence makes another try safe.
      if (!Writes(act) || act.idempotent) return RetryOrFail(act, record, act.retry.max);
      record.state = act.probe ? StepState::kUnknown : StepState::kFailed;
      return;
    case ActionResult::End::kLost:
      if (!Writes(act)) return RetryOrFail(act, record, act.retry.max);
      record.lost = true;
      record.state = StepState::kUnknown;
      return;
  }
}

void Execution::TakeProbe(const Step& step, const Act& act, StepRecord& record, const ActionResult& result) {
  record.action.clear();
  record.probing = false;
  Json document = Document(step, record);
  document["probe"] = {{"status", result.status}, {"out", result.out}, {"text", result.text}};
  // A probe that fails says nothing: least of all that it is safe to act again.
  const bool answered = result.end == ActionResult::End::kDone;
  const jq::Verdict verdict = answered ? act.probe->done_when->Test(document) : jq::Verdict::kUnknown;
  incidents::TimelineEntry& entry = Say(kinds::kStepOutcome, "", step.id);
  entry.evidence = Evidence(result);
  if (verdict == jq::Verdict::kUnknown) {
    entry.text = "the probe of step '" + step.id + "' does not tell";
    record.state = StepState::kUnknown;
    record.not_before = now_ + Backoff(std::chrono::seconds(1), record.probes);
  } else if (verdict == jq::Verdict::kTrue) {
    entry.text = "the probe says that step '" + step.id + "' took effect";
    record.state = StepState::kDone;
    record.finished_at = now_;
  } else {
    entry.text = "the probe says that step '" + step.id + "' did not take effect";
    RetryOrFail(act, record, std::max(act.retry.max, record.lost ? 1 : 0));
  }
}

void Execution::RetryOrFail(const Act& act, StepRecord& record, int retries) {
  changed_ = true;
  record.finished_at = now_;
  if (record.tries > retries) {
    record.state = StepState::kFailed;
    return;
  }
  record.state = StepState::kPending;
  record.not_before = now_ + Backoff(act.retry.backoff, std::max(record.tries, 1));
}

void Execution::Fail(const Step& step, StepRecord& record, const std::string& why) {
  record.state = StepState::kFailed;
  record.finished_at = now_;
  record.text = why;
  Say(kinds::kStepOutcome, "step '" + step.id + "' failed: " + why, step.id);
}

std::optional<ActionResult> Execution::ResultOf(const std::string& key) const {
  for (const ActionResult& result : snapshot_.results) {
    if (result.key == key) return result;
  }
  return std::nullopt;
}

bool Execution::AnythingInFlight() const {
  return std::any_of(run_.steps.begin(), run_.steps.end(), [](const auto& item) {
    return item.second.state == StepState::kIntent && !item.second.action.empty();
  });
}

bool Execution::AnythingUnknown() const {
  return std::any_of(run_.steps.begin(), run_.steps.end(),
                     [](const auto& item) { return item.second.state == StepState::kUnknown; });
}

}  // namespace vigia::runbooks
