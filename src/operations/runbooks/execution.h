// One decision of the engine in the making: the run as it changes, and the effects so far.
// engine.cc holds the run's states, steps.cc those of its steps. Used inside runbooks only.
#pragma once

#include <optional>
#include <string>

#include "runbooks/engine.h"

namespace vigia::runbooks {

class Execution {
 public:
  Execution(const Runbook& runbook, Run run, const Snapshot& snapshot)
      : runbook_(runbook), snapshot_(snapshot), now_(snapshot.now), run_(std::move(run)) {}

  Decision Decide() &&;

 private:
  // What came of trying to go on. kAgain: something changed, look again; kStop: nothing to do now.
  enum class Flow { kAgain, kStop };
  // What came of a list of steps.
  enum class Steps { kWaiting, kDone, kFailed, kHandedOver };
  enum class Gate { kOpen, kWaiting, kClosed };

  // engine.cc
  Flow Advance();
  bool PastDeadline();
  bool TakeClearedPath();
  Flow OnQueued();
  Flow OnDiagnosing();
  Flow OnMitigating();
  Flow OnVerifying();
  Flow OnUndoing();
  Flow OnHolding();
  Flow OnEscalated();
  void DryRun();
  enum class Look { kNotYet, kPassed, kFailed, kInconclusive };
  Look LookAtVerify();
  void Verified();
  void VerifyFailed();
  void Enter(RunState state, const std::string& why);
  void Resolve(const std::string& why);
  void HandOver(Reason reason, const std::string& detail);
  const Verify& VerifyWindow() const;
  jq::Verdict VerifyVerdict();

  // steps.cc
  Steps RunSteps(const std::vector<Step>& steps);
  Steps RunStep(const Step& step);
  Steps RunAct(const Step& step, const Act& act, StepRecord& record, bool guarded);
  Steps RunAssert(const Step& step, const Assert& what, StepRecord& record);
  Steps RunWait(const Step& step, const Wait& what, StepRecord& record);
  Steps RunApprove(const Step& step, const Approve& what, StepRecord& record);
  Steps OnFailed(const Step& step);
  Gate MayAct(const Step& step, const Act& act, const StepRecord& record);
  Gate AskApproval(const std::string& scope, const Step& step, const std::string& command, const Approve& ask);
  void BeginAct(const Step& step, const Act& act, StepRecord& record);
  void BeginProbe(const Step& step, const Act& act, StepRecord& record);
  Steps SettleUnknown(const Step& step, const Act& act, StepRecord& record);
  void TakeResult(const Step& step, const Act& act, StepRecord& record, const ActionResult& result);
  void TakeProbe(const Step& step, const Act& act, StepRecord& record, const ActionResult& result);
  void RetryOrFail(const Act& act, StepRecord& record, int retries);
  void Fail(const Step& step, StepRecord& record, const std::string& why);
  std::optional<ActionResult> ResultOf(const std::string& key) const;
  bool AnythingInFlight() const;
  bool AnythingUnknown() const;

  Json Document() const;
  Json Document(const Step& step, const StepRecord& record) const;
  incidents::TimelineEntry& Say(const char* kind, std::string text, std::string ref = "");

  const Runbook& runbook_;
  const Snapshot& snapshot_;
  const WallTime now_;
  Run run_;
  Effects effects_;
  bool changed_ = false;
};

// An undo, seen as a step of its own.
Step UndoStep(const Step& step, const Act& act);

}  // namespace vigia::runbooks
