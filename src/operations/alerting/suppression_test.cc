#include "alerting/suppression.h"

#include <gtest/gtest.h>

#include "alerting/testing/moments.h"

namespace vigia::alerting {
namespace {

using checks::Alert;
using signals::LabelSet;
using signals::Matcher;
using std::chrono::hours;

Alert Firing(const LabelSet& labels) {
  Alert alert;
  alert.labels = labels;
  alert.state = checks::AlertState::kFiring;
  return alert;
}

std::vector<Matcher> Matchers(std::initializer_list<const char*> texts) {
  std::vector<Matcher> matchers;
  for (const char* text : texts) matchers.push_back(Matcher::Parse(text).value());
  return matchers;
}

Suppression Ask(const AlertingSettings& settings, const std::vector<Alert>& firing, const LabelSet& labels,
                const std::set<std::string>& windows = {}, const Silences& silences = {}) {
  std::vector<const Alert*> all;
  for (const Alert& alert : firing) all.push_back(&alert);
  return Suppressor(settings, silences, windows, all, kNow).Of(labels);
}

TEST(SuppressionTest, NothingIsSuppressedWithoutARule) {
  EXPECT_FALSE(Ask({}, {Firing({{"alertname", "down"}})}, {{"alertname", "down"}}).any());
  EXPECT_TRUE(Suppressor({}, {}, {"night"}, {}, kNow).idle());
}

TEST(SuppressionTest, SilencesThatAreActiveSuppress) {
  Silence silence;
  silence.id = "s1";
  silence.matchers = Matchers({"service=risk", "alertname=~slow|down"});
  silence.starts_at = kNow - hours(1);
  silence.ends_at = kNow + hours(1);
  Silence over = silence;
  over.id = "s2";
  over.ends_at = kNow;
  const Silences silences{{"s1", silence}, {"s2", over}};
  const LabelSet slow{{"alertname", "slow"}, {"service", "risk"}};
  EXPECT_EQ(Ask({}, {}, slow, {}, silences).ToString(), "silence s1");
  EXPECT_FALSE(Ask({}, {}, {{"alertname", "slow"}, {"service", "faces"}}, {}, silences).any());
}

TEST(SuppressionTest, WindowsSuppressWhileTheyAreOpen) {
  AlertingSettings settings;
  settings.silences = {{"night", Matchers({"service=risk"}), ""}, {"night", Matchers({"team=ml"}), ""}};
  const LabelSet labels{{"service", "risk"}, {"team", "ml"}};
  EXPECT_FALSE(Ask(settings, {}, labels).any());
  EXPECT_EQ(Ask(settings, {}, labels, {"night"}).ToString(), "window night");
  EXPECT_FALSE(Ask(settings, {}, {{"service", "faces"}}, {"night"}).any());
}

TEST(SuppressionTest, InhibitsWhatIsEqual) {
  AlertingSettings settings;
  settings.inhibit_rules = {{Matchers({"alertname=down"}), Matchers({"severity=~high|medium"}), {"service", "zone"}}};
  const Alert down = Firing({{"alertname", "down"}, {"service", "risk"}, {"severity", "critical"}});
  const auto by = [&](const LabelSet& labels) { return Ask(settings, {down}, labels).inhibited_by; };
  const std::vector<std::string> it = {down.fingerprint()};
  EXPECT_EQ(by({{"alertname", "slow"}, {"service", "risk"}, {"severity", "high"}}), it);
  EXPECT_TRUE(by({{"alertname", "slow"}, {"service", "faces"}, {"severity", "high"}}).empty());
  EXPECT_TRUE(by({{"alertname", "slow"}, {"service", "risk"}, {"severity", "low"}}).empty());
  // A label that both lack is equal; one that only one has is not.
  EXPECT_TRUE(by({{"alertname", "slow"}, {"service", "risk"}, {"zone", "a"}, {"severity", "high"}}).empty());
  EXPECT_TRUE(by(down.labels).empty());
}

// Alertmanager, inhibit/inhibit.go: what is source and target at once is not inhibited by its like.
TEST(SuppressionTest, TwoSidedAlertsDoNotInhibitEachOther) {
  AlertingSettings settings;
  settings.inhibit_rules = {{Matchers({"s=1"}), Matchers({"t=1"}), {}}};
  const Alert both = Firing({{"s", "1"}, {"t", "1"}, {"n", "both"}});
  const Alert other = Firing({{"s", "1"}, {"t", "1"}, {"n", "other"}});
  const Alert source = Firing({{"s", "1"}, {"n", "source"}});
  EXPECT_FALSE(Ask(settings, {both}, both.labels).any());
  EXPECT_FALSE(Ask(settings, {both, other}, both.labels).any());
  EXPECT_TRUE(Ask(settings, {both, source}, both.labels).any());
  EXPECT_TRUE(Ask(settings, {both}, {{"t", "1"}}).any());
}

}  // namespace
}  // namespace vigia::alerting
