#include "runbooks/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "runbooks/load.h"

namespace vigia::runbooks {
namespace {

using End = ActionResult::End;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kStart{std::chrono::hours(24 * 20'000)};

// The world of one run: what it decides is carried out by hand.
class Bench {
 public:
  explicit Bench(const std::string& text) {
    std::vector<config::Problem> problems;
    runbook_ = LoadRunbook(text, "t.yaml", Catalogue::BuiltIn(), problems);
    for (const auto& problem : problems) ADD_FAILURE() << problem.ToString();
    run = CreateRun(runbook_, {"RUN-1", "INC-1", "service=risk", {{"service", "risk"}}, std::nullopt, false}, kStart);
    facts.document = {{"labels", {{"service", "risk"}}}, {"signals", {{"up", 0}}}};
  }

  // Decides at `now`, and gives what it starts, kills and says as one line each.
  std::vector<std::string> Decide(std::vector<ActionResult> results = {}) {
    facts.now = now;
    facts.results = std::move(results);
    const Decision decision = runbooks::Decide(runbook_, run, facts);
    // Pure: the same arguments, the same decision.
    EXPECT_EQ(runbooks::Decide(runbook_, run, facts).run.ToJson(), decision.run.ToJson());
    // What is stored is all that counts.
    run = Run::FromJson(decision.run.ToJson()).value();
    EXPECT_EQ(run.ToJson(), decision.run.ToJson());
    facts.approvals.clear();
    entries.insert(entries.end(), decision.effects.entries.begin(), decision.effects.entries.end());
    std::vector<std::string> lines;
    for (const ActionRequest& request : decision.effects.start) {
      lines.push_back(request.key + ": " + TypedCommand(request.command));
    }
    for (const std::string& key : decision.effects.kill) lines.push_back("kill " + key);
    for (const ApprovalAsked& ask : decision.effects.ask) lines.push_back("ask " + ask.scope);
    if (decision.effects.mitigated) lines.push_back("mitigated");
    if (decision.effects.resolved) lines.push_back("resolved");
    if (decision.effects.escalate) lines.push_back("escalate " + std::string(ReasonName(*decision.effects.escalate)));
    return lines;
  }
  std::vector<std::string> After(Duration wait, std::vector<ActionResult> results = {}) {
    now += wait;
    return Decide(std::move(results));
  }
  void Crash() { run = Recover(run, now); }

  Run run;
  Snapshot facts;
  WallTime now = kStart;
  std::vector<incidents::TimelineEntry> entries;

 private:
  Runbook runbook_;
};

ActionResult Ended(const std::string& key, End end, Json out = nullptr) {
  ActionResult result;
  result.key = key;
  result.end = end;
  result.exit = end == End::kDone ? 0 : 1;
  result.out = std::move(out);
  return result;
}

std::string Head(const std::string& more = "") {
  return "name: t\ntitle: T\nkey: [service]\nescalate: {policy: sre}\n"
         "verify: {when: .signals.up == 1, after: 2s, every: 1s, need: 2, timeout: 10s}\n" +
         more;
}

using testing::ElementsAre;
using testing::IsEmpty;

TEST(EngineTest, DiagnosesMitigatesVerifiesResolves) {
  Bench bench(Head(R"(
diagnose:
  - {id: look, run: [vigia, status, --json]}
mitigate:
  - name: restart
    if: .steps.look.out.pid > 0
    steps:
      - {id: restart, run: [vigia, service, restart, "{{ .labels.service }}"]}
)"));
  EXPECT_THAT(bench.Decide(), ElementsAre("RUN-1/look/1: vigia status --json"));
  EXPECT_THAT(bench.After(seconds(1)), IsEmpty());
  EXPECT_THAT(bench.After(seconds(1), {Ended("RUN-1/look/1", End::kDone, {{"pid", 7}})}),
              ElementsAre("RUN-1/restart/1: vigia service restart risk"));
  EXPECT_TRUE(bench.run.wrote);
  EXPECT_THAT(bench.After(seconds(1), {Ended("RUN-1/restart/1", End::kDone)}), IsEmpty());
  EXPECT_EQ(bench.run.state, RunState::kVerifying);
  bench.facts.document["signals"]["up"] = 1;
  EXPECT_THAT(bench.After(seconds(1)), IsEmpty());  // `after` is not over
  EXPECT_THAT(bench.After(seconds(1)), IsEmpty());
  EXPECT_EQ(bench.run.passes, 1);
  EXPECT_THAT(bench.After(seconds(1)), ElementsAre("resolved"));
  EXPECT_EQ(bench.run.state, RunState::kResolved);
  EXPECT_THAT(bench.After(seconds(1)), IsEmpty());
}

constexpr char kLadder[] = R"(
mitigate:
  - name: first
    steps:
      - {id: a, run: [vigia, set, rate-limit, "9"], undo: {run: [vigia, set, rate-limit, "60"]}}
      - {id: b, run: [vigia, rollback], undo: {run: [vigia, promote, v2]}}
  - name: skipped
    if: .labels.service == "faces"
    steps:
      - {id: c, run: [vigia, service, restart, x]}
  - name: last
    steps:
      - {id: d, run: [vigia, service, restart, risk]}
)";

TEST(EngineTest, GoesDownTheLadderUndoingInReverse) {
  Bench bench(Head(kLadder));
  bench.Decide();
  EXPECT_THAT(bench.Decide({Ended("RUN-1/a/1", End::kDone)}), ElementsAre("RUN-1/b/1: vigia rollback"));
  bench.Decide({Ended("RUN-1/b/1", End::kDone)});
  EXPECT_THAT(bench.After(seconds(12)), ElementsAre("RUN-1/b.undo/1: vigia promote v2"));
  EXPECT_EQ(bench.run.state, RunState::kUndoing);
  EXPECT_THAT(bench.Decide({Ended("RUN-1/b.undo/1", End::kDone)}),
              ElementsAre("RUN-1/a.undo/1: vigia set rate-limit 60"));
  EXPECT_THAT(bench.Decide({Ended("RUN-1/a.undo/1", End::kDone)}),
              ElementsAre("RUN-1/d/1: vigia service restart risk"));
  bench.Decide({Ended("RUN-1/d/1", End::kDone)});
  EXPECT_THAT(bench.After(seconds(12)), ElementsAre("escalate exhausted"));
  EXPECT_EQ(bench.run.state, RunState::kEscalated);
}

TEST(EngineTest, AFailedStepUndoesWhatWasDoneAndGoesOn) {
  Bench bench(Head(kLadder));
  bench.Decide();
  bench.Decide({Ended("RUN-1/a/1", End::kDone)});
  // b failed without a probe: it may have done half, so it is undone too.
  EXPECT_THAT(bench.Decide({Ended("RUN-1/b/1", End::kFailed)}), ElementsAre("RUN-1/b.undo/1: vigia promote v2"));
}

TEST(EngineTest, AnUndoThatFailsIsForPeople) {
  Bench bench(Head(kLadder));
  bench.Decide();
  EXPECT_THAT(bench.Decide({Ended("RUN-1/a/1", End::kFailed)}), ElementsAre("RUN-1/a.undo/1: vigia set rate-limit 60"));
  EXPECT_THAT(bench.Decide({Ended("RUN-1/a.undo/1", End::kFailed)}), IsEmpty());
  EXPECT_THAT(bench.After(seconds(1)), ElementsAre("RUN-1/a.undo/2: vigia set rate-limit 60"));
  bench.Decide({Ended("RUN-1/a.undo/2", End::kFailed)});
  bench.After(seconds(2));
  EXPECT_THAT(bench.Decide({Ended("RUN-1/a.undo/3", End::kFailed)}), ElementsAre("escalate undo_failed"));
}

constexpr char kProbed[] = R"(
mitigate:
  - name: roll back
    steps:
      - id: rollback
        run: [vigia, rollback]
        retry: {max: 1, backoff: 2s}
        probe: {run: [vigia, registry, show], done_when: .probe.out.champion == "v1"}
)";

TEST(EngineTest, AfterACrashItProbesBeforeAnythingElse) {
  for (const bool took_effect : {true, false}) {
    Bench bench(Head(kProbed));
    EXPECT_THAT(bench.Decide(), ElementsAre("RUN-1/rollback/1: vigia rollback"));
    bench.Crash();
    EXPECT_THAT(bench.Decide(), ElementsAre("RUN-1/rollback/1/probe/1: vigia registry show"));
    const Json out = {{"champion", took_effect ? "v1" : "v2"}};
    const auto next = bench.Decide({Ended("RUN-1/rollback/1/probe/1", End::kDone, out)});
    EXPECT_THAT(next, IsEmpty());
    if (took_effect) {
      EXPECT_EQ(bench.run.state, RunState::kVerifying);
    } else {
      EXPECT_THAT(bench.After(seconds(2)), ElementsAre("RUN-1/rollback/2: vigia rollback"));
    }
  }
}

TEST(EngineTest, AProbeThatCannotTellIsAskedAgainThenAPerson) {
  Bench bench(Head(kProbed));
  bench.Decide();
  EXPECT_THAT(bench.Decide({Ended("RUN-1/rollback/1", End::kLost)}),
              ElementsAre("RUN-1/rollback/1/probe/1: vigia registry show"));
  bench.Decide({Ended("RUN-1/rollback/1/probe/1", End::kFailed)});
  EXPECT_THAT(bench.After(seconds(1)), ElementsAre("RUN-1/rollback/1/probe/2: vigia registry show"));
  bench.Decide({Ended("RUN-1/rollback/1/probe/2", End::kLost)});
  EXPECT_THAT(bench.After(seconds(2)), ElementsAre("RUN-1/rollback/1/probe/3: vigia registry show"));
  bench.Crash();
  EXPECT_THAT(bench.Decide(), ElementsAre("escalate unknown_outcome"));
  bench.facts.alert_firing = false;
  bench.facts.document["signals"]["up"] = 1;
  for (int i = 0; i < 10; ++i) EXPECT_THAT(bench.After(seconds(5)), IsEmpty());  // a person must look
}

TEST(EngineTest, AFailedWriteWithAProbeIsProbedBeforeARetry) {
  Bench bench(Head(kProbed));
  bench.Decide();
  EXPECT_THAT(bench.Decide({Ended("RUN-1/rollback/1", End::kFailed)}),
              ElementsAre("RUN-1/rollback/1/probe/1: vigia registry show"));
  bench.Decide({Ended("RUN-1/rollback/1/probe/1", End::kDone, {{"champion", "v2"}})});
  EXPECT_THAT(bench.After(seconds(2)), ElementsAre("RUN-1/rollback/2: vigia rollback"));
  bench.Decide({Ended("RUN-1/rollback/2", End::kFailed)});
  EXPECT_THAT(bench.Decide({Ended("RUN-1/rollback/2/probe/1", End::kDone, {{"champion", "v2"}})}),
              ElementsAre("escalate exhausted"));
}

TEST(EngineTest, AnUnknownWriteWithOnlyAnUndoIsForAPerson) {
  Bench bench(
      Head("mitigate: [{name: x, steps: [{id: r, run: [vigia, rollback], undo: {run: [vigia, promote, v]}}]}]\n"));
  bench.Decide();
  bench.Crash();
  EXPECT_THAT(bench.Decide(), ElementsAre("escalate unknown_outcome"));
}

TEST(EngineTest, AnIdempotentWriteIsDoneAgainAfterACrash) {
  Bench bench(Head("mitigate: [{name: x, steps: [{id: r, run: [vigia, service, restart, risk]}]}]\n"));
  bench.Decide();
  bench.Crash();
  EXPECT_THAT(bench.Decide(), IsEmpty());
  EXPECT_THAT(bench.After(seconds(1)), ElementsAre("RUN-1/r/2: vigia service restart risk"));
}

TEST(EngineTest, AHangingCommandIsKilledAndItsOutcomeUnknown) {
  Bench bench(
      Head("mitigate: [{name: x, steps: [{id: r, timeout: 5s, run: [vigia, rollback], "
           "undo: {run: [vigia, promote, v]}}]}]\n"));
  bench.Decide();
  EXPECT_THAT(bench.After(seconds(15)), IsEmpty());  // the runner's own timeout has the first word
  EXPECT_THAT(bench.After(seconds(1)), ElementsAre("kill RUN-1/r/1", "escalate unknown_outcome"));
}

TEST(EngineTest, GuardsRefuseOrMakeItWait) {
  const std::string guards =
      "guards: {cooldown: 5m, max_runs: [{runs: 2, per: 1h}], lock: [\"s/{{.labels.service}}\"], "
      "max_concurrent: 1, deny_windows: [freeze], blast_radius: {max_targets: 1, "
      "min_healthy: 0.5}}\nmitigate: [{name: x, steps: [{id: w, wait: 1s}]}]\n";
  struct Case {
    const char* what;
    std::function<void(GuardFacts&)> set;
    const char* wanted;  // empty: waits
  };
  const std::vector<Case> cases = {
      {"cooldown",
       [](GuardFacts& f) {
         f.past = {{kStart - minutes(9), kStart - minutes(4)}};
       },
       "escalate guard_denied"},
      {"cap",
       [](GuardFacts& f) {
         f.past = {{kStart - minutes(50), kStart - minutes(49)}, {kStart - minutes(30), kStart - minutes(29)}};
       },
       "escalate guard_denied"},
      {"window", [](GuardFacts& f) { f.windows = {"freeze"}; }, "escalate guard_denied"},
      {"unhealthy", [](GuardFacts& f) { f.instances = 4, f.instances_firing = 3; }, "escalate guard_denied"},
      {"lock", [](GuardFacts& f) { f.locks_of_others = {"s/risk"}; }, ""},
      {"concurrent", [](GuardFacts& f) { f.running = 1; }, ""},
      {"targets", [](GuardFacts& f) { f.targets_in_group = 1; }, ""},
  };
  for (const Case& one : cases) {
    Bench bench(Head(guards));
    one.set(bench.facts.guards);
    const auto lines = bench.Decide();
    if (*one.wanted != 0) {
      EXPECT_THAT(lines, ElementsAre(one.wanted)) << one.what;
      continue;
    }
    EXPECT_THAT(lines, IsEmpty()) << one.what;
    EXPECT_EQ(bench.run.state, RunState::kQueued) << one.what;
    bench.facts.guards = {};
    bench.After(seconds(1));
    EXPECT_EQ(bench.run.state, RunState::kMitigating) << one.what;
    EXPECT_TRUE(bench.run.holds_locks) << one.what;
  }
}

TEST(EngineTest, RequirementsAreCheckedBeforeEveryWrite) {
  Bench bench(
      Head("guards: {require: [.signals.spare == 1]}\nmitigate: [{name: x, steps: ["
           "{id: a, run: [vigia, service, restart, a]}, {id: b, run: [vigia, service, restart, b]}]}]\n"));
  bench.facts.document["signals"]["spare"] = 1;
  EXPECT_EQ(bench.Decide().size(), 1U);
  bench.facts.document["signals"]["spare"] = nullptr;
  EXPECT_THAT(bench.Decide({Ended("RUN-1/a/1", End::kDone)}), ElementsAre("escalate guard_denied"));
}

constexpr char kApproved[] = R"(
guards: {approval: {when: .step.effect == "destructive", by: [role:oncall, person:ana], min: 2, timeout: 5m}}
mitigate:
  - name: x
    steps:
      - {id: soft, run: [vigia, service, restart, risk]}
      - {id: hard, run: [vigia, retention, --days, "30"]}
)";

TEST(EngineTest, AsksForApprovalAndCountsPeople) {
  Bench bench(Head(kApproved));
  EXPECT_THAT(bench.Decide(), ElementsAre("RUN-1/soft/1: vigia service restart risk"));
  EXPECT_THAT(bench.Decide({Ended("RUN-1/soft/1", End::kDone)}), ElementsAre("ask step:hard"));
  EXPECT_THAT(bench.After(minutes(1)), IsEmpty());
  bench.facts.approvals = {{"step:hard", "ana", {}, true}, {"step:hard", "ana", {}, true}};
  EXPECT_THAT(bench.Decide(), IsEmpty());  // one person twice is one
  bench.facts.approvals = {{"step:hard", "eve", {"sales"}, true}, {"step:soft", "bob", {"oncall"}, true}};
  EXPECT_THAT(bench.Decide(), IsEmpty());  // not hers to give; not this step
  bench.facts.approvals = {{"step:hard", "bob", {"oncall"}, true}};
  EXPECT_THAT(bench.Decide(), ElementsAre("RUN-1/hard/1: vigia retention --days 30"));
}

TEST(EngineTest, ApprovalCanBeRefusedOrTimeOut) {
  for (const bool refused : {true, false}) {
    Bench bench(Head(kApproved));
    bench.Decide();
    bench.Decide({Ended("RUN-1/soft/1", End::kDone)});
    if (refused) bench.facts.approvals = {{"step:hard", "bob", {"oncall"}, false}};
    EXPECT_THAT(refused ? bench.Decide() : bench.After(minutes(5)),
                ElementsAre(refused ? "escalate approval_refused" : "escalate approval_timeout"));
  }
}

TEST(EngineTest, ModesApproveAndDryRun) {
  Bench approve(
      Head("mode: approve\nmitigate: [{name: x, steps: [{id: a, run: [vigia, service, restart, a]}, "
           "{id: b, run: [vigia, service, restart, b]}]}]\n"));
  EXPECT_THAT(approve.Decide(), ElementsAre("ask attempt:x"));
  approve.facts.approvals = {{"attempt:x", "bob", {"oncall"}, true}};
  EXPECT_THAT(approve.Decide(), ElementsAre("RUN-1/a/1: vigia service restart a"));
  EXPECT_THAT(approve.Decide({Ended("RUN-1/a/1", End::kDone)}), ElementsAre("RUN-1/b/1: vigia service restart b"));

  Bench dry(Head(std::string("mode: dry-run\ndiagnose: [{id: look, run: [vigia, status]}]\n") + kLadder));
  EXPECT_THAT(dry.Decide(), ElementsAre("RUN-1/look/1: vigia status"));
  EXPECT_THAT(dry.Decide({Ended("RUN-1/look/1", End::kDone)}), ElementsAre("escalate dry_run"));
  std::string said;
  for (const auto& entry : dry.entries) said += entry.kind == "note" ? entry.text + ";" : "";
  EXPECT_EQ(said,
            "would run: vigia set rate-limit 9;would run: vigia rollback;would run: vigia service restart x;"
            "would run: vigia service restart risk;");
}

TEST(EngineTest, TheDeadlineHandsOver) {
  Bench bench(Head(std::string("guards: {deadline: 1m}\n") + kLadder));
  bench.Decide();
  EXPECT_THAT(bench.After(minutes(1)), IsEmpty());                         // in flight: its own timeout bounds it
  EXPECT_THAT(bench.Decide({Ended("RUN-1/a/1", End::kDone)}), IsEmpty());  // and nothing new is begun
  EXPECT_THAT(bench.Decide(), ElementsAre("escalate deadline"));
}

TEST(EngineTest, VerifyThatSeesNothingIsInconclusive) {
  Bench bench(Head("mitigate: [{name: x, steps: [{id: w, wait: 1s}]}]\n"));
  bench.facts.document["signals"]["up"] = nullptr;
  bench.facts.document["signals"].erase("up");
  bench.Decide();
  bench.After(seconds(1));
  EXPECT_EQ(bench.run.state, RunState::kVerifying);
  EXPECT_THAT(bench.After(seconds(12)), ElementsAre("escalate exhausted"));  // null == 1 is plainly false
}

TEST(EngineTest, InconclusiveWhenTheExpressionCannotTell) {
  Bench bench(
      "name: t\ntitle: T\nescalate: {policy: sre}\n"
      "verify: {when: 'if .signals.up == null then null else .signals.up == 1 end', timeout: 10s}\n"
      "mitigate: [{name: x, steps: [{id: w, wait: 1s}]}]\n");
  bench.facts.document["signals"]["up"] = nullptr;
  bench.Decide();
  bench.After(seconds(1));
  EXPECT_THAT(bench.After(seconds(10)), ElementsAre("escalate inconclusive"));
}

TEST(EngineTest, AClearedAlertStillHasToVerify) {
  Bench bench(Head(kLadder));
  bench.facts.alert_firing = false;
  bench.facts.document["signals"]["up"] = 1;
  EXPECT_THAT(bench.Decide(), IsEmpty());
  EXPECT_EQ(bench.run.state, RunState::kVerifying);
  bench.After(seconds(2));
  EXPECT_THAT(bench.After(seconds(1)), ElementsAre("resolved"));
  EXPECT_FALSE(bench.run.wrote);
}

TEST(EngineTest, AClearedAlertThatDoesNotVerifyIsMended) {
  Bench bench(Head(kLadder));
  bench.facts.alert_firing = false;
  bench.Decide();
  EXPECT_THAT(bench.After(seconds(12)), ElementsAre("RUN-1/a/1: vigia set rate-limit 9"));
}

TEST(EngineTest, FailBackGoesTheWayBackAndVerifiesAgain) {
  Bench bench(
      Head("revert: {when: .signals.main == 1, for: 10s, max_hold: 1h}\nmitigate: [{name: x, steps: [{id: over, "
           "run: [vigia, set, route, spare], undo: {run: [vigia, set, route, main]}}]}]\n"));
  bench.Decide();
  bench.Decide({Ended("RUN-1/over/1", End::kDone)});
  bench.facts.document["signals"] = {{"up", 1}, {"main", 0}};
  bench.After(seconds(2));
  EXPECT_THAT(bench.After(seconds(1)), ElementsAre("mitigated"));
  EXPECT_EQ(bench.run.state, RunState::kHolding);
  EXPECT_THAT(bench.After(minutes(10)), IsEmpty());
  bench.facts.document["signals"]["main"] = 1;
  EXPECT_THAT(bench.After(seconds(1)), IsEmpty());
  bench.facts.document["signals"]["main"] = 0;
  EXPECT_THAT(bench.After(seconds(8)), IsEmpty());  // the road closed again: from the beginning
  bench.facts.document["signals"]["main"] = 1;
  EXPECT_THAT(bench.After(seconds(5)), IsEmpty());
  EXPECT_THAT(bench.After(seconds(10)), ElementsAre("RUN-1/over.undo/1: vigia set route main"));
  bench.Decide({Ended("RUN-1/over.undo/1", End::kDone)});
  EXPECT_EQ(bench.run.state, RunState::kVerifying);
  bench.After(seconds(2));
  EXPECT_THAT(bench.After(seconds(1)), ElementsAre("resolved"));
}

TEST(EngineTest, FailBackThatDoesNotHoldIsForPeople) {
  Bench bench(
      Head("revert: {when: .signals.main == 1, for: 0s, max_hold: 1h}\nmitigate: [{name: x, steps: [{id: over, "
           "run: [vigia, set, route, spare], undo: {run: [vigia, set, route, main]}}]}]\n"));
  bench.Decide();
  bench.Decide({Ended("RUN-1/over/1", End::kDone)});
  bench.facts.document["signals"] = {{"up", 1}, {"main", 0}};
  bench.After(seconds(2));
  bench.After(seconds(1));
  Bench held = bench;
  EXPECT_THAT(held.After(minutes(60)), ElementsAre("escalate hold_expired"));
  bench.facts.document["signals"] = {{"up", 0}, {"main", 1}};
  bench.After(seconds(1));
  bench.Decide({Ended("RUN-1/over.undo/1", End::kDone)});
  EXPECT_THAT(bench.After(seconds(12)), ElementsAre("escalate revert_failed"));
}

TEST(EngineTest, WhatPeopleHealIsSeenToo) {
  Bench bench(Head());
  EXPECT_THAT(bench.Decide(), ElementsAre("escalate exhausted"));
  bench.facts.document["signals"]["up"] = 1;
  EXPECT_THAT(bench.After(seconds(5)), IsEmpty());  // the alert still fires
  bench.facts.alert_firing = false;
  EXPECT_THAT(bench.After(seconds(5)), IsEmpty());
  EXPECT_THAT(bench.After(seconds(5)), ElementsAre("resolved"));
}

TEST(EngineTest, StepsWaitAssertAndAreSkipped) {
  Bench bench(
      Head("mitigate: [{name: x, steps: [{id: no, if: 'false', run: [vigia, rollback], idempotent: true}, "
           "{id: pause, wait: 5s}, {id: gate, assert: .signals.up == 1, on_failure: escalate}]}]\n"));
  EXPECT_THAT(bench.Decide(), IsEmpty());
  EXPECT_EQ(bench.run.steps.at("no").state, StepState::kSkipped);
  bench.Crash();  // a wait has nothing in flight
  EXPECT_THAT(bench.After(seconds(4)), IsEmpty());
  EXPECT_THAT(bench.After(seconds(1)), ElementsAre("escalate step_failed"));
}

TEST(EngineTest, ATemplateMayNotBecomeAnOption) {
  Bench bench(
      Head("mitigate: [{name: x, steps: [{id: r, run: [vigia, service, restart, \"{{ .labels.service }}\"]}]}]\n"));
  bench.facts.document["labels"]["service"] = "--all";
  EXPECT_THAT(bench.Decide(), ElementsAre("escalate exhausted"));
  EXPECT_EQ(bench.run.steps.at("r").state, StepState::kFailed);
}

TEST(EngineTest, FailedReadsDoNotStopDiagnosis) {
  Bench bench(
      Head("diagnose: [{id: l, run: [vigia, status], retry: {max: 1}}, {id: m, run: [df]}]\n"
           "mitigate: [{name: x, if: '.steps.l.state == \"failed\"', steps: [{id: w, wait: 1s}]}]\n"));
  bench.Decide();
  bench.Decide({Ended("RUN-1/l/1", End::kLost)});
  EXPECT_THAT(bench.After(seconds(1)), ElementsAre("RUN-1/l/2: vigia status"));
  EXPECT_THAT(bench.Decide({Ended("RUN-1/l/2", End::kFailed)}), ElementsAre("RUN-1/m/1: df"));
  bench.Decide({Ended("RUN-1/m/1", End::kDone)});
  EXPECT_EQ(bench.run.state, RunState::kMitigating);
}

TEST(EngineTest, StrangeResultsAreIgnored) {
  Bench bench(Head(kLadder));
  bench.Decide();
  EXPECT_THAT(bench.Decide({Ended("RUN-1/b/1", End::kDone), Ended("RUN-9/a/1", End::kDone)}), IsEmpty());
  EXPECT_EQ(InFlight(bench.run), std::vector<std::string>{"RUN-1/a/1"});
}

}  // namespace
}  // namespace vigia::runbooks
