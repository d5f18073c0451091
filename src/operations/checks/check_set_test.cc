#include "checks/check_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checks/load.h"
#include "checks/testing/start.h"
#include "signals/fake_signals.h"

namespace vigia::checks {
namespace {

using signals::FakeSignals;
using signals::LabelSet;
using std::chrono::seconds;

std::vector<Check> Load(const std::string& yaml) {
  std::vector<config::Problem> problems;
  auto checks = LoadChecks(config::ParseYaml(yaml, "t").value(), "t", problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.ToString();
  return checks;
}

std::vector<std::string> Names(const std::vector<CheckSet::Changed>& changes) {
  std::vector<std::string> names;
  for (const auto& [alert, change] : changes) {
    names.push_back(alert.check + "{" + alert.instance.ToString() + "} " + std::string(AlertStateName(alert.state)));
  }
  return names;
}

TEST(CheckSetTest, EachSeriesHasItsAlert) {
  FakeSignals signals;
  CheckSet checks(Load("- name: down\n  when: {signal: up, below: 1}\n  severity: critical\n  labels: {team: sre}\n"),
                  signals);
  signals.Set("up", {{"service", "risk"}}, 1);
  signals.Set("up", {{"service", "faces"}}, 0);
  EXPECT_THAT(Names(checks.Evaluate(kStart)), testing::ElementsAre("down{service=faces} firing"));
  EXPECT_TRUE(checks.Evaluate(kStart + seconds(3)).empty());  // not due
  signals.Set("up", {{"service", "risk"}}, 0);
  signals.Set("up", {{"service", "faces"}}, 1);
  EXPECT_THAT(Names(checks.Evaluate(kStart + seconds(10))),
              testing::ElementsAre("down{service=faces} inactive", "down{service=risk} firing"));
  const auto active = checks.Active();
  ASSERT_EQ(active.size(), 1U);
  EXPECT_EQ(active[0].labels,
            (LabelSet{{"service", "risk"}, {"team", "sre"}, {"alertname", "down"}, {"severity", "critical"}}));
  EXPECT_TRUE(checks.Firing("down", {{"service", "risk"}}));
  EXPECT_FALSE(checks.Firing("down", {{"service", "faces"}}));
  EXPECT_TRUE(checks.Quiet("down", {{"service", "faces"}}));
  EXPECT_FALSE(checks.Quiet("down", {}));
  EXPECT_FALSE(checks.Quiet("down", {{"service", "agents"}}));
  EXPECT_EQ(checks.HealthOf("down", {}).total, 2);
}

TEST(CheckSetTest, AShareIsOfTheSumOfAnInstance) {
  FakeSignals signals;
  CheckSet checks(Load(R"(
- name: failing
  by: [service]
  when: {signal: requests, labels: ['status=~"5.."'], function: rate, above: 0.10, of: {signal: requests}}
)"),
                  signals);
  WallTime now = kStart;
  const auto play = [&] { return Names(checks.Evaluate(now += seconds(10))); };
  signals.Set("requests", {{"service", "x"}, {"status", "200"}}, 90);
  EXPECT_THAT(play(), testing::ElementsAre());  // none has failed yet
  EXPECT_TRUE(checks.Quiet("failing", {{"service", "x"}}));
  signals.Set("requests", {{"service", "x"}, {"status", "500"}}, 6);
  signals.Set("requests", {{"service", "x"}, {"status", "503"}}, 4);
  signals.Set("requests", {{"service", "y"}, {"status", "503"}}, 1);
  EXPECT_THAT(play(), testing::ElementsAre("failing{service=y} firing"));  // x: exactly a tenth
  signals.Set("requests", {{"service", "x"}, {"status", "503"}}, 5);
  signals.Set("requests", {{"service", "y"}, {"status", "503"}}, 0);  // nothing of nothing
  EXPECT_THAT(play(), testing::ElementsAre("failing{service=x} firing", "failing{service=y} inactive"));
  EXPECT_NEAR(*checks.FindAlert("failing", {{"service", "x"}})->value, 11.0 / 101, 1e-9);
}

TEST(CheckSetTest, AllAndAnyAreThreeValued) {
  FakeSignals signals;
  CheckSet checks(Load(R"(
- name: both
  by: [service]
  when: {all: [{signal: a, above: 1}, {signal: b, above: 1}]}
- name: either
  when: {any: [{signal: a, above: 1}, {signal: b, above: 1}]}
)"),
                  signals);
  WallTime now = kStart;
  const auto play = [&] { return Names(checks.Evaluate(now += seconds(10))); };
  signals.Set("a", {{"service", "x"}, {"core", "0"}}, 5);
  EXPECT_THAT(play(), testing::ElementsAre("either{} firing"));  // both: b is unknown
  signals.Set("b", {{"service", "x"}}, 5);
  EXPECT_THAT(play(), testing::ElementsAre("both{service=x} firing"));
  signals.Set("a", {{"service", "x"}, {"core", "0"}}, 0);
  EXPECT_THAT(play(), testing::ElementsAre("both{service=x} inactive"));
  signals.Set("a", {{"service", "x"}, {"core", "1"}}, 7);  // one series of the group is enough
  EXPECT_THAT(play(), testing::ElementsAre("both{service=x} firing"));
  signals.Clear("b", {{"service", "x"}});
  EXPECT_THAT(play(), testing::ElementsAre("both{service=x} firing"));  // told, because it no longer knows
  EXPECT_TRUE(checks.FindAlert("both", {{"service", "x"}})->unknown);
}

TEST(CheckSetTest, MissingAltogetherCanAlert) {
  FakeSignals signals;
  CheckSet checks(Load("- {name: gone, when: {signal: up, below: 1}, no_data: alert}\n"), signals);
  EXPECT_THAT(Names(checks.Evaluate(kStart)), testing::ElementsAre("gone{} firing"));
  signals.Set("up", {{"service", "risk"}}, 1);
  EXPECT_THAT(Names(checks.Evaluate(kStart + seconds(10))), testing::ElementsAre("gone{} inactive"));
  signals.Clear("up", {{"service", "risk"}});
  EXPECT_THAT(Names(checks.Evaluate(kStart + seconds(20))), testing::ElementsAre("gone{service=risk} firing"));
}

TEST(CheckSetTest, StateSurvivesARestart) {
  FakeSignals signals;
  const auto defined = Load("- {name: slow, when: {signal: p95, above: 300}, for: 30s}\n");
  std::vector<Alert> stored;
  signals.Set("p95", {}, 400);
  {
    CheckSet checks(defined, signals);
    checks.Evaluate(kStart);
    checks.Evaluate(kStart + seconds(30));
    stored = checks.Active();
    ASSERT_EQ(stored.at(0).state, AlertState::kFiring);
  }
  CheckSet checks(defined, signals);
  checks.Load(stored, kStart + seconds(30), kStart + seconds(60));
  EXPECT_TRUE(checks.Firing("slow", {}));
  EXPECT_TRUE(checks.Evaluate(kStart + seconds(61)).empty());
}

TEST(LoadTest, APromqlCheckAsksASourceOfItsOwn) {
  std::vector<config::Problem> problems;
  const auto yaml = config::ParseYaml(
      "- {name: errors, every: 30s, promql: {url: 'http://p:9090', query: 'rate(x[5m])', above: 0.5}}\n"
      "- {name: present, promql: {url: 'http://p:9090', query: 'up == 0', timeout: 1s}}\n",
      "t");
  const std::vector<Check> checks = LoadChecks(yaml.value(), "t", problems);
  ASSERT_TRUE(problems.empty()) << problems.front().ToString();
  EXPECT_TRUE(checks[0].source != nullptr);
  EXPECT_EQ(checks[0].when.selector.signal, "promql:errors");
  EXPECT_EQ(checks[0].when.bound, 0.5);
  EXPECT_EQ(checks[0].when.selector.window, std::chrono::seconds(65));
  EXPECT_TRUE(Compare(-1e300, checks[1].when.comparison, checks[1].when.bound));  // any value
  // Its series are the instances, and a missing answer is missing data.
  signals::FakeSignals signals;
  CheckSet set(checks, signals);
  signals.Set("promql:errors", {{"job", "a"}}, 0.7);
  signals.Set("promql:errors", {{"job", "b"}}, 0.1);
  set.Evaluate(kStart);
  ASSERT_EQ(set.Active().size(), 1U);
  EXPECT_EQ(set.Active().front().labels.Get("job"), "a");
  signals.Clear("promql:errors", {{"job", "a"}});
  set.Evaluate(kStart + std::chrono::seconds(30));
  ASSERT_EQ(set.Active().size(), 1U);
  EXPECT_TRUE(set.Active().front().unknown);
}

TEST(LoadTest, SaysWhatIsWrongAndWhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"- {name: a}", "t:1: check 'a': 'when' is missing"},
      {"- {name: a, when: {signal: x}}",
       "t:1: check 'a': a condition needs exactly one of below, at_most, above, at_least, equals, not_equals"},
      {"- name: a\n  when: {signal: x, above: 1}\n  sverity: high", "t:3: check 'a': unknown key 'sverity'"},
      {"- name: a\n  when:\n    all: []", "t:3: check 'a': 'all' must list conditions"},
      {"- name: a\n  when: {signal: x, above: 1, labels: ['=y']}", "t:2: check 'a': a matcher needs a label name"},
      {"- name: a\n  when: {signal: x, above: 1}\n  every: 0s", "t:3: check 'a': 'every' must be longer than nothing"},
      {"- name: a\n  when: {signal: x, above: 1}\n- name: a\n  when: {signal: x, above: 1}",
       "t:3: check 'a' is defined twice"},
  };
  for (const auto& [yaml, wanted] : cases) {
    std::vector<config::Problem> problems;
    LoadChecks(config::ParseYaml(yaml, "t").value(), "t", problems);
    ASSERT_EQ(problems.size(), 1U) << yaml;
    EXPECT_EQ(problems[0].ToString(), wanted);
  }
}

}  // namespace
}  // namespace vigia::checks
