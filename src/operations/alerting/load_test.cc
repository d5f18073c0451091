#include "alerting/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigia::alerting {
namespace {

std::pair<AlertingSettings, std::string> Load(const std::string& text) {
  std::vector<config::Problem> problems;
  const auto root = config::ParseYaml(text, "vigia.yaml");
  AlertingSettings settings = LoadAlerting(root.value(), "vigia.yaml", {"nightly"}, problems);
  std::string all;
  for (const config::Problem& problem : problems) all += problem.ToString() + "\n";
  return {settings, all};
}

TEST(AlertingLoadTest, ReadsItsSections) {
  const auto [settings, problems] = Load(R"(
silences:
  - {window: nightly, matchers: ['service="risk"', 'alertname=~"disk_.*"'], comment: dumps}
inhibit_rules:
  - {source_matchers: ['alertname="service_down"'], target_matchers: 'severity=~"high|medium"', equal: [service]}
alerting: {group_by: [alertname], resolve_timeout: 1m, silence_retention: 2d, max_alerts: 7}
risk: {port: 8000}
)");
  EXPECT_EQ(problems, "");
  ASSERT_EQ(settings.silences.size(), 1U);
  EXPECT_EQ(settings.silences[0].window, "nightly");
  EXPECT_EQ(settings.silences[0].matchers.size(), 2U);
  ASSERT_EQ(settings.inhibit_rules.size(), 1U);
  EXPECT_EQ(settings.inhibit_rules[0].target[0].ToString(), "severity=~\"high|medium\"");
  EXPECT_EQ(settings.inhibit_rules[0].equal, std::vector<std::string>{"service"});
  EXPECT_EQ(settings.group_by, std::vector<std::string>{"alertname"});
  EXPECT_EQ(settings.resolve_timeout, std::chrono::minutes(1));
  EXPECT_EQ(settings.silence_retention, std::chrono::hours(48));
  EXPECT_EQ(settings.max_alerts, 7U);
  EXPECT_EQ(Load("{}").second, "");
  EXPECT_EQ(Load("silences:\n").second, "");
}

TEST(AlertingLoadTest, SaysWhatIsWrongAndWhere) {
  const std::pair<const char*, const char*> cases[] = {
      {"silences: 3\n", "vigia.yaml:1: 'silences' must be a list"},
      {"silences:\n  - {window: noon, matchers: [a=b]}\n", "vigia.yaml:2: silence: there is no window 'noon'"},
      {"silences:\n  - {window: nightly}\n", "'matchers' must list matchers"},
      {"silences:\n  - {window: nightly, matchers: ['a=~(']}\n", "is not a regular expression"},
      {"silences:\n  - {window: nightly, matchers: [a=b], for: 1h}\n", "'for'"},
      {"inhibit_rules:\n  - {source_matchers: [a=b]}\n",
       "vigia.yaml:2: inhibit rule: 'target_matchers' must list matchers"},
      {"alerting: {max_alerts: 0}\n", "'max_alerts' must be at least 1"},
      {"alerting: {resolve_timeout: 0}\n", "'resolve_timeout' must be at least 1s"},
      {"alerting: {groups: [a]}\n", "'groups'"},
  };
  for (const auto& [text, want] : cases) EXPECT_THAT(Load(text).second, testing::HasSubstr(want)) << text;
}

}  // namespace
}  // namespace vigia::alerting
