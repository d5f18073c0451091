#include "control/run_view.h"

#include <algorithm>

#include "base/redact.h"
#include "control/views.h"

namespace vigia::control {
namespace {

using runbooks::Attempt;
using runbooks::Run;
using runbooks::Runbook;
using runbooks::RunState;
using runbooks::Step;
using runbooks::StepRecord;
using runbooks::StepState;

constexpr size_t kLongestText = 8 * 1024;

std::string Cut(const std::string& text) { return RedactText(text.substr(0, kLongestText)); }

Json Output(const StepRecord& record) {
  if (record.out.is_null()) return record.text.empty() ? Json(nullptr) : Json(Cut(record.text));
  const std::string text = CompactJson(record.out);
  if (text.size() > kLongestText) return Cut(text);
  std::string redacted;
  if (!RedactLines(text, redacted)) return record.out;
  auto document = ParseJson(redacted);
  return document.ok() ? *std::move(document) : Json(redacted);
}

const char* StateOf(const StepRecord& record) {
  if (record.undone) return "undone";
  switch (record.state) {
    case StepState::kPending: return "waiting";
    case StepState::kIntent: return "running";
    case StepState::kDone: return "done";
    case StepState::kFailed: return "failed";
    case StepState::kUnknown: return "unknown";
    case StepState::kSkipped: return "skipped";
  }
  return "waiting";
}

std::string CommandOf(const Step& step) {
  if (const auto* act = std::get_if<runbooks::Act>(&step.what)) return runbooks::CommandText(act->command);
  if (const auto* assertion = std::get_if<runbooks::Assert>(&step.what)) {
    return assertion->that != nullptr ? "# only if: " + assertion->that->expression() : "";
  }
  return "";
}

Json StepJson(const Step& step, const std::string& folder, const Run& run) {
  const auto found = run.steps.find(step.id);
  const StepRecord none;
  const StepRecord& record = found != run.steps.end() ? found->second : none;
  const bool began = record.intent_at != WallTime{}, ended = record.finished_at != WallTime{};
  const double seconds = std::chrono::duration<double>(record.finished_at - record.intent_at).count();
  return {{"id", step.id},
          {"path", folder + "/" + step.id},
          {"text", TextOrNull(step.text)},
          {"command", TextOrNull(record.command.empty() ? CommandOf(step) : record.command)},
          {"state", StateOf(record)},
          {"at", began ? Json(FormatTime(record.intent_at)) : Json(nullptr)},
          {"seconds", began && ended ? Json(std::max(seconds, 0.0)) : Json(nullptr)},
          {"exit", ended ? Json(record.exit) : Json(nullptr)},
          {"status", record.status != 0 ? Json(record.status) : Json(nullptr)},
          {"out", Output(record)},
          {"tries", record.tries}};
}

bool Began(const Attempt& attempt, const Run& run) {
  return std::any_of(attempt.steps.begin(), attempt.steps.end(), [&](const Step& step) {
    const auto found = run.steps.find(step.id);
    return found != run.steps.end() && found->second.state != StepState::kPending;
  });
}

const char* AttemptState(const Attempt& attempt, size_t index, const Run& run) {
  const bool began = Began(attempt, run);
  if (index < run.attempt) return began ? "failed" : "skipped";
  if (index > run.attempt) return "waiting";
  switch (run.state) {
    case RunState::kQueued:
    case RunState::kDiagnosing: return "waiting";
    case RunState::kMitigating:
    case RunState::kVerifying:
    case RunState::kUndoing:
    case RunState::kHolding:
    case RunState::kReverting: return "running";
    case RunState::kResolved: return began ? "done" : "skipped";
    case RunState::kEscalated: return began ? "failed" : "skipped";
  }
  return "waiting";
}

// Who was asked.
const runbooks::Approve* FindAsk(const Runbook& runbook, const runbooks::Waiting& waiting) {
  const Step* step = runbooks::FindStep(runbook, waiting.step);
  const auto* own = step != nullptr ? std::get_if<runbooks::Approve>(&step->what) : nullptr;
  if (own != nullptr) return own;
  return runbook.guards.approval ? &runbook.guards.approval->ask : nullptr;
}

Json ApprovalsOf(const Run& run, const Runbook* runbook) {
  Json approvals = Json::array();
  if (!run.waiting) return approvals;
  const auto* ask = runbook != nullptr ? FindAsk(*runbook, *run.waiting) : nullptr;
  const Step* step = runbook != nullptr ? runbooks::FindStep(*runbook, run.waiting->step) : nullptr;
  Json one = {{"scope", run.waiting->scope},
              {"step", run.waiting->step},
              {"command", step != nullptr ? TextOrNull(CommandOf(*step)) : Json(nullptr)},
              {"by", Json::array()},
              {"min", 1},
              {"given", run.waiting->given_by},
              {"until", nullptr}};
  if (ask != nullptr) {
    one["by"] = ask->by;
    one["min"] = ask->min;
    one["until"] = FormatTime(run.waiting->since + ask->timeout);
  }
  approvals.push_back(std::move(one));
  return approvals;
}

Json VerifyOf(const Run& run, const Runbook* runbook) {
  const runbooks::Verify* verify = runbook != nullptr && runbook->verify ? &*runbook->verify : nullptr;
  const char* state = run.state == RunState::kVerifying  ? "running"
                      : run.state == RunState::kResolved ? "done"
                                                         : "waiting";
  return {{"state", state},
          {"when", verify != nullptr && verify->when != nullptr ? Json(verify->when->expression()) : Json(nullptr)},
          {"passes", run.passes},
          {"need", verify != nullptr ? Json(verify->need) : Json(nullptr)}};
}

}  // namespace

Json ViewOf(const Run& run, const Runbook* runbook) {
  Json attempts = Json::array(), diagnose = Json::array();
  if (runbook != nullptr) {
    for (const Step& step : runbook->diagnose) diagnose.push_back(StepJson(step, "diagnose", run));
    for (size_t i = 0; i < runbook->mitigate.size(); ++i) {
      const Attempt& attempt = runbook->mitigate[i];
      Json steps = Json::array();
      for (const Step& step : attempt.steps) steps.push_back(StepJson(step, "mitigate/" + attempt.name, run));
      attempts.push_back({{"name", attempt.name},
                          {"text", TextOrNull(attempt.text)},
                          {"state", AttemptState(attempt, i, run)},
                          {"steps", std::move(steps)}});
    }
  }
  const std::string waits = run.waiting                      ? "approval"
                            : run.state == RunState::kQueued ? (run.detail.empty() ? "its turn" : run.detail)
                                                             : "";
  return {{"id", run.id},
          {"incident", run.incident},
          {"runbook", run.runbook},
          {"mode", runbooks::ModeName(run.mode)},
          {"state", runbooks::RunStateName(run.state)},
          {"reason", run.reason ? Json(runbooks::ReasonName(*run.reason)) : Json(nullptr)},
          {"detail", TextOrNull(run.detail)},
          {"created_at", FormatTime(run.created_at)},
          {"finished_at", TimeOrNull(run.finished_at)},
          {"deadline", FormatTime(run.deadline)},
          {"attempt", run.attempt},
          {"attempts", std::move(attempts)},
          {"diagnose", std::move(diagnose)},
          {"verify", VerifyOf(run, runbook)},
          {"waiting_for", TextOrNull(waits)},
          {"approvals", ApprovalsOf(run, runbook)}};
}

}  // namespace vigia::control
