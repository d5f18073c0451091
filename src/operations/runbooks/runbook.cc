#include "runbooks/runbook.h"

#include "base/json.h"

namespace vigia::runbooks {

std::string_view EffectName(Effect effect) {
  switch (effect) {
    case Effect::kRead: return "read";
    case Effect::kWrite: return "write";
    case Effect::kDestructive: return "destructive";
  }
  return "read";
}

std::string_view ModeName(Mode mode) {
  switch (mode) {
    case Mode::kAuto: return "auto";
    case Mode::kApprove: return "approve";
    case Mode::kDryRun: return "dry-run";
    case Mode::kOff: return "off";
  }
  return "auto";
}

std::optional<Mode> ParseMode(std::string_view name) {
  for (const Mode mode : {Mode::kAuto, Mode::kApprove, Mode::kDryRun, Mode::kOff}) {
    if (name == ModeName(mode)) return mode;
  }
  return std::nullopt;
}

std::string_view ReasonName(Reason reason) {
  switch (reason) {
    case Reason::kOpen: return "open";
    case Reason::kGuardDenied: return "guard_denied";
    case Reason::kExhausted: return "exhausted";
    case Reason::kInconclusive: return "inconclusive";
    case Reason::kUnknownOutcome: return "unknown_outcome";
    case Reason::kApprovalTimeout: return "approval_timeout";
    case Reason::kApprovalRefused: return "approval_refused";
    case Reason::kDeadline: return "deadline";
    case Reason::kStepFailed: return "step_failed";
    case Reason::kUndoFailed: return "undo_failed";
    case Reason::kHoldExpired: return "hold_expired";
    case Reason::kRevertFailed: return "revert_failed";
    case Reason::kDryRun: return "dry_run";
    case Reason::kModeOff: return "mode_off";
    case Reason::kNoRunbook: return "no_runbook";
    case Reason::kTakenOver: return "taken_over";
  }
  return "open";
}

std::string CommandText(const Command& command) {
  if (const auto* program = std::get_if<Program>(&command)) {
    std::string text;
    for (const jq::Template& argument : program->arguments) text += (text.empty() ? "" : " ") + argument.text();
    return text;
  }
  const auto& call = std::get<HttpCall>(command);
  return call.method + " " + call.url.text();
}

const Step* FindStep(const Runbook& runbook, std::string_view id) {
  for (const Step& step : runbook.diagnose) {
    if (step.id == id) return &step;
  }
  for (const Attempt& attempt : runbook.mitigate) {
    for (const Step& step : attempt.steps) {
      if (step.id == id) return &step;
    }
  }
  return nullptr;
}

}  // namespace vigia::runbooks
