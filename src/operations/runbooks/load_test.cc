#include "runbooks/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <regex>
#include <set>

#include "base/files.h"
#include "runbooks/action.h"

namespace vigia::runbooks {
namespace {

// Uses every key that there is.
constexpr char kFull[] = R"(name: full
title: Everything
summary: For the test
mode: approve
severity: high
checks:
  - name: slow
    when: {all: [{signal: p95, above: 300, function: max, window: 1m, of: {signal: all_of_it, labels: ['a="b"']}}, {any: [{signal: up, at_least: 1}]}]}
    by: [service]
    every: 1s
    for: 10s
    keep_firing_for: 30s
    no_data: alert
    flapping: {enabled: true, high: 0.5, low: 0.2}
    labels: {team: sre}
    annotations: {summary: slow}
    severity: high
  - name: asked
    every: 30s
    promql: {url: "https://prometheus:9090", query: "up == 0", headers: {accept: text/plain}, ca_file: own-ca.pem, timeout: 3s}
trigger:
  - check: slow
  - alert: ['alertname="Slow"', 'severity=~"page|critical"']
  - {schedule: "0 3 * * 0", time_zone: America/Sao_Paulo}
key: [service]
signals:
  p95: {signal: latency, labels: ['route="/predict"'], function: quantile, quantile: 0.95, window: 1m, match: [service]}
on_resolve: stop
guards:
  cooldown: 2m
  max_runs: [{runs: 2, per: 1h}, {runs: 5, per: 1d}]
  max_concurrent: 3
  lock: ["service/{{ .labels.service }}"]
  blast_radius: {group_by: [zone], max_targets: 2, min_healthy: 0.5}
  deny_windows: [freeze]
  require: [".signals.p95 > 100"]
  approval: {when: '.step.effect == "destructive"', by: [role:oncall], min: 2, timeout: 5m}
  deadline: 20m
diagnose:
  - {id: look, run: [vigia, status, --json], timeout: 5s, text: Looks}
  - {id: health, http: {method: get, url: "http://localhost:8000/health", headers: {X-A: b}, expect: [200, 503]}}
mitigate:
  - name: first
    text: The gentle way
    if: .steps.health.status == 503
    steps:
      - id: restart
        run: [vigia, service, restart, "{{ .labels.service }}"]
        if: "true"
        retry: {max: 2, backoff: 3s}
        on_failure: escalate
        probe: {run: [vigia, service, status], done_when: .probe.out.started > .step.intent_at, timeout: 3s}
        undo: {http: {method: PUT, url: "http://localhost:8000/x", body: "{}"}, idempotent: true, timeout: 9s}
      - {id: pause, wait: 10s}
      - {id: gate, assert: .signals.p95 < 500}
      - {id: ask, approve: {by: [person:ana], min: 1, timeout: 1m}}
      - {id: prune, run: [vigia, retention, --days, "30"], effect: destructive, idempotent: true}
verify: {when: .signals.p95 < 300, after: 1s, every: 1s, need: 3, fail_after: 5, timeout: 1m}
revert: {when: .signals.p95 < 200, for: 5m, max_hold: 2h}
escalate: {policy: sre, at_once: true, after: 10m, facts: {rollback: .signals.p95 > 900}}
postmortem: {when: escalated, owner: sre, due: 3d}
)";

LintWorld World() {
  static const SystemFiles kFiles;
  static const calendar::TimeZones kZones(kFiles);
  LintWorld world;
  world.policies = {{"sre", ""}, {"empty", "schedule 'nights' has nobody"}};
  world.windows = {"freeze"};
  world.zones = &kZones;
  world.approvers = {"role:oncall", "person:ana"};
  return world;
}

std::vector<std::string> Problems(const std::vector<std::string>& texts, const LintWorld& world = World()) {
  std::vector<config::Problem> problems;
  std::vector<Runbook> runbooks;
  const Catalogue catalogue = Catalogue::BuiltIn();
  for (size_t i = 0; i < texts.size(); ++i) {
    runbooks.push_back(
        LoadRunbook(texts[i], std::string(1, static_cast<char>('a' + i)) + ".yaml", catalogue, problems));
  }
  if (problems.empty()) problems = LintRunbooks(runbooks, world);
  std::vector<std::string> lines;
  for (const config::Problem& problem : problems) lines.push_back(problem.ToString());
  return lines;
}

// The smallest good runbook, with its mitigation's steps replaced.
std::string Small(const std::string& steps, const std::string& more = "") {
  return "name: small\ntitle: Small\nchecks:\n  - {name: down, when: {signal: up, below: 1}}\ntrigger: [{check: "
         "down}]\n"
         "verify: {when: .steps.r.state == \"done\"}\nescalate: {policy: sre}\n" +
         more + "mitigate:\n  - name: one\n    steps:\n" + steps;
}

TEST(LoadTest, ReadsEveryKey) {
  std::vector<config::Problem> problems;
  const Runbook runbook = LoadRunbook(kFull, "full.yaml", Catalogue::BuiltIn(), problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.ToString();
  for (const auto& problem : LintRunbooks({runbook}, World())) ADD_FAILURE() << problem.ToString();
  EXPECT_EQ(runbook.mode, Mode::kApprove);
  EXPECT_EQ(runbook.severity, Severity::kP2);
  EXPECT_EQ(runbook.triggers.size(), 3U);
  EXPECT_EQ(runbook.signals.at(0).match, std::vector<std::string>{"service"});
  EXPECT_EQ(runbook.on_resolve, OnResolve::kStop);
  EXPECT_EQ(runbook.guards.max_runs.size(), 2U);
  EXPECT_EQ(runbook.guards.blast_radius->max_targets, 2);
  EXPECT_EQ(runbook.guards.approval->ask.min, 2);
  EXPECT_EQ(runbook.guards.deadline, std::chrono::minutes(20));
  ASSERT_EQ(runbook.mitigate.at(0).steps.size(), 5U);
  const Act& restart = std::get<Act>(FindStep(runbook, "restart")->what);
  EXPECT_EQ(restart.effect, Effect::kWrite);
  EXPECT_TRUE(restart.idempotent);
  EXPECT_EQ(restart.retry.max, 2);
  EXPECT_TRUE(restart.probe.has_value());
  EXPECT_TRUE(restart.undo.has_value());
  EXPECT_EQ(CommandText(restart.command), "vigia service restart {{ .labels.service }}");
  EXPECT_EQ(std::get<Act>(FindStep(runbook, "prune")->what).effect, Effect::kDestructive);
  EXPECT_EQ(std::get<Act>(FindStep(runbook, "health")->what).effect, Effect::kRead);
  EXPECT_EQ(runbook.verify->fail_after, 5);
  EXPECT_EQ(runbook.revert->hold, std::chrono::minutes(5));
  EXPECT_EQ(runbook.escalate.after, std::chrono::minutes(10));
  ASSERT_EQ(runbook.escalate.facts.size(), 1U);
  EXPECT_EQ(runbook.escalate.facts[0].first, "rollback");
  EXPECT_EQ(runbook.postmortem.when, Postmortem::When::kEscalated);
  EXPECT_EQ(runbook.hash.size(), 64U);
}

// Every key of the full runbook is in the schema, and every key of the schema is in the full runbook.
TEST(LoadTest, SchemaAndLoaderKnowTheSameKeys) {
  std::set<std::string> in_schema;
  const std::function<void(const Json&)> collect = [&](const Json& node) {
    if (node.is_object()) {
      if (node.contains("properties") && node["properties"].is_object()) {
        for (const auto& [key, value] : node["properties"].items()) in_schema.insert(key);
      }
      for (const auto& [key, value] : node.items()) collect(value);
    } else if (node.is_array()) {
      for (const Json& item : node) collect(item);
    }
  };
  collect(RunbookSchema());
  const std::string text = kFull;
  const std::regex key_pattern("([a-z_0-9]+):( |\n)");
  std::set<std::string> in_text;
  for (std::sregex_iterator at(text.begin(), text.end(), key_pattern), end; at != end; ++at) in_text.insert((*at)[1]);
  for (const char* comparison : {"below", "at_most", "equals", "not_equals"}) in_text.insert(comparison);
  for (const char* own : {"p95", "team", "rollback", "accept"}) in_text.erase(own);
  EXPECT_EQ(in_text, in_schema);
}

TEST(LintTest, AcceptsASmallRunbook) {
  EXPECT_THAT(Problems({Small("      - {id: r, run: [vigia, service, restart, x]}\n")}), testing::IsEmpty());
}

TEST(LintTest, RefusesWithFileLineAndASentence) {
  struct Case {
    std::string text;
    std::string wanted;
  };
  const std::vector<Case> cases = {
      {Small("      - {id: r, run: [vigia, rollback]}\n"),
       "a.yaml:11: runbook 'small': step 'r' writes, but has no probe, no undo and is not declared idempotent: after a "
       "crash nobody could go on"},
      {Small("      - {id: r, run: [rm, -rf, /]}\n"),
       "a.yaml:11: runbook 'small': step: unknown action 'rm -rf /': it is not in the list of allowed commands"},
      {Small("      - {id: r, run: [journalctl, --vacuum-size=1M]}\n"),
       "a.yaml:11: runbook 'small': step: unknown action 'journalctl --vacuum-size=1M': it is not in the list of "
       "allowed commands"},
      {Small("      - {id: r, run: [\"{{ .labels.program }}\", x]}\n"),
       "a.yaml:11: runbook 'small': step: unknown action '{{ .labels.program }} x': it is not in the list of allowed "
       "commands"},
      {Small("      - {id: r, run: [vigia, status], efect: read}\n"),
       "a.yaml:11: runbook 'small': step: unknown key 'efect'"},
      {Small("      - {id: r, run: [vigia, rollback], effect: read, idempotent: true}\n"),
       "a.yaml:11: runbook 'small': step: step 'r' has the effect write, which cannot be declared away"},
      {Small("      - {id: r, run: [vigia, rollback], retry: {max: 1}, undo: {run: [vigia, promote, v1]}}\n"),
       "a.yaml:11: runbook 'small': step 'r' is retried, but is neither idempotent nor has a probe"},
      {Small("      - {id: r, run: [vigia, rollback], undo: {run: [vigia, rollback]}}\n"),
       "a.yaml:11: runbook 'small': undo: an undo must be idempotent: after a crash it is done again"},
      {Small("      - {id: r, run: [vigia, rollback], probe: {run: [vigia, promote, x], done_when: \"true\"}}\n"),
       "a.yaml:11: runbook 'small': probe: a probe must only read"},
      {Small("      - {id: r, run: [vigia, status], wait: 3s}\n"),
       "a.yaml:11: runbook 'small': step: a step is exactly one of run, http, wait, assert or approve"},
      {Small("      - {id: r, assert: .a ==}\n"),
       "a.yaml:11: runbook 'small': the expression does not compile: syntax "
       "error, unexpected $end (Unix shell quoting issues?) at <top-level>, "
       "line 1:"},
      {Small("      - {id: r, wait: soon}\n"),
       "a.yaml:11: runbook 'small': step: 'wait' must be a duration such as 30s, 5m or 2h"},
      {Small("      - {id: r, approve: {by: [person:bob]}}\n"),
       "a.yaml:11: runbook 'small': nobody is 'person:bob', who should approve"},
      {Small("      - {id: r, wait: 1s}\n      - {id: r, wait: 1s}\n"),
       "a.yaml:12: runbook 'small': step id 'r' is used twice"},
      {Small("      - {id: r, wait: 1s}\n", "diagnose: [{id: d, run: [vigia, service, restart, x]}]\n"),
       "a.yaml:8: runbook 'small': step 'd' writes, but diagnosis must only read"},
      {Small("      - {id: r, wait: 1s}\n", "guards: {deny_windows: [nights]}\n"),
       "a.yaml:8: runbook 'small': there is no window 'nights'"},
      {Small("      - {id: r, wait: 1s}\n", "revert: {when: \"true\"}\n"),
       "a.yaml:8: runbook 'small': 'revert' goes back by undo, but no step has one"},
      {"name: x\ntitle: X\ntrigger: [{schedule: daily}]\nescalate: {policy: sre}\n",
       "a.yaml:3: runbook 'x': a schedule has five fields: minute hour day month weekday"},
      {"name: x\ntitle: X\ntrigger: [{schedule: \"0 3 * * *\", time_zone: Mars/Base}]\nescalate: {policy: sre}\n",
       "a.yaml:3: runbook 'x': there is no time zone 'Mars/Base'"},
      {"name: x\ntitle: X\ntrigger: [{check: a, time_zone: UTC}]\nescalate: {policy: sre}\n",
       "a.yaml:3: runbook 'x': 'time_zone' belongs to a schedule"},
      {"name: x\ntitle: X\ntrigger: [{check: nothing}]\nescalate: {policy: sre}\n",
       "a.yaml:3: runbook 'x': there is no check 'nothing'"},
      {"name: x\ntitle: X\ntrigger: [{schedule: \"@daily\"}]\nescalate: {policy: sales}\n",
       "a.yaml:4: runbook 'x': there is no escalation policy 'sales'"},
      {"name: x\ntitle: X\ntrigger: [{schedule: \"@daily\"}]\nsignals: {up: {signal: up}}\n"
       "diagnose:\n  - {id: r, if: .signals.up == 0 and .signals.upp != null, wait: 1s}\nescalate: {policy: sre}\n",
       "a.yaml:6: runbook 'x': there is no signal 'upp' under 'signals'"},
      {"name: x\ntitle: X\ntrigger: [{schedule: \"@daily\"}]\nescalate: {policy: empty}\n",
       "a.yaml:4: runbook 'x': escalation policy 'empty' reaches nobody: schedule 'nights' has nobody"},
      {"name: x\ntitle: X\ntrigger: [{schedule: \"@daily\"}]\n",
       "a.yaml:1: runbook 'x': 'escalate' is missing: somebody must be called when the runbook cannot help"},
      {"name: x\ntitle: X\nescalate: {policy: sre}\n", "a.yaml:1: runbook 'x': 'trigger' is missing"},
      {"name: x\ntitle: [\n", "a.yaml:3: "},
  };
  for (const Case& one : cases) {
    const auto problems = Problems({one.text});
    ASSERT_EQ(problems.size(), 1U) << one.text << testing::PrintToString(problems);
    EXPECT_EQ(problems[0].substr(0, one.wanted.size()), one.wanted);
  }
}

TEST(LintTest, RefusesALoopBetweenRunbooks) {
  const auto starting = [](const std::string& name, const std::string& other) {
    return "name: " + name + "\ntitle: T\ntrigger: [{schedule: \"@daily\"}]\nverify: {when: \"true\"}\n" +
           "escalate: {policy: sre}\nmitigate:\n  - name: one\n    steps:\n      - {id: s, run: [vigia, runbook, "
           "run, " +
           other + "], idempotent: true}\n";
  };
  EXPECT_THAT(Problems({starting("one", "two"), starting("two", "three"), starting("three", "one")}),
              testing::UnorderedElementsAre(
                  "a.yaml:9: runbook 'one': it starts 'two', which leads back to it: a loop between runbooks",
                  "b.yaml:9: runbook 'two': it starts 'three', which leads back to it: a loop between runbooks",
                  "c.yaml:9: runbook 'three': it starts 'one', which leads back to it: a loop between runbooks"));
  for (const char* flags : {"", "--mode, auto, ", "--mode=auto, "}) {
    EXPECT_THAT(Problems({starting("one", std::string(flags) + "gone")}),
                testing::ElementsAre("a.yaml:9: runbook 'one': there is no runbook 'gone'"));
    EXPECT_THAT(Problems({starting("one", std::string(flags) + "one")}), testing::SizeIs(1));
  }
}

TEST(CatalogueTest, TheLongestMatchDecides) {
  const Catalogue catalogue = Catalogue::BuiltIn();
  EXPECT_EQ(catalogue.Find({"vigia", "retention", "--days", "30"})->effect, Effect::kDestructive);
  EXPECT_EQ(catalogue.Find({"vigia", "retention", "--dry-run"})->effect, Effect::kRead);
  EXPECT_EQ(catalogue.Find({"docker", "restart", "x"})->effect, Effect::kWrite);
  EXPECT_EQ(catalogue.Find({"docker", "rm", "x"}), nullptr);
  EXPECT_EQ(catalogue.Find({"ss", "-s", "-K"}), nullptr);
  EXPECT_EQ(catalogue.Find({"sh", "-c", "true"}), nullptr);
  EXPECT_NE(catalogue.Find({"nvidia-smi", "--query-gpu=memory.used"}), nullptr);
  EXPECT_EQ(catalogue.Find({}), nullptr);
}

TEST(TypedCommandTest, QuotesAsAShellWants) {
  EXPECT_EQ(TypedCommand(RenderedProgram{{"vigia", "block-ip", "a b", "it's", ""}}),
            "vigia block-ip 'a b' 'it'\\''s' ''");
  EXPECT_EQ(TypedCommand(RenderedHttp{"POST", "http://h/x?a=1", {{"X-API-Key", "s3cret"}}, "{}", {}}),
            "curl -sS -X POST -H 'X-API-Key: ***' -d '{}' 'http://h/x?a=1'");
}

}  // namespace
}  // namespace vigia::runbooks
