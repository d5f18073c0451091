#include "checks/alert.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "checks/testing/start.h"

namespace vigia::checks {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Observation Saw(Truth truth) { return {{}, truth, 1.0}; }

// One letter for each evaluation, ten seconds apart: T, F or ? in; the state after it out
// (i, p, f; upper case when that evaluation changed it).
std::string Play(const Check& check, std::string_view observations) {
  Alert alert;
  std::string states;
  WallTime now = kStart;
  for (const char c : observations) {
    const Truth truth = c == 'T' ? Truth::kTrue : c == 'F' ? Truth::kFalse : Truth::kUnknown;
    Step step = Advance(check, alert, Saw(truth), now);
    alert = step.alert;
    const char letter = AlertStateName(alert.state)[0];
    states += step.change == Change::kNone ? letter : static_cast<char>(std::toupper(letter));
    now += seconds(10);
  }
  return states;
}

TEST(AlertTest, FollowsItsRules) {
  Check plain;
  EXPECT_EQ(Play(plain, "FTTFF"), "iFfIi");

  Check held;
  held.hold = seconds(20);
  EXPECT_EQ(Play(held, "FTTTF"), "iPpFI");
  EXPECT_EQ(Play(held, "TTFTTT"), "PpIPpF");

  Check kept;
  kept.keep_firing_for = seconds(30);
  EXPECT_EQ(Play(kept, "TFFTFFFF"), "FfffffIi");
}

TEST(AlertTest, MissingDataIsWhatTheCheckSays) {
  Check check;
  check.hold = seconds(10);
  check.no_data = NoData::kUnknown;
  EXPECT_EQ(Play(check, "T?TT??F"), "PIPFffI");
  check.no_data = NoData::kOk;
  EXPECT_EQ(Play(check, "T?TT??F"), "PIPFIii");
  check.no_data = NoData::kAlert;
  EXPECT_EQ(Play(check, "T???F"), "PFffI");
}

TEST(AlertTest, FlappingHoldsTheAlert) {
  Check check;
  std::string wild;
  for (int i = 0; i < 15; ++i) wild += "TF";
  const std::string states = Play(check, wild + std::string(30, 'F'));
  EXPECT_EQ(states.substr(0, 4), "FIFI");
  const auto last_change = states.rfind('F');
  EXPECT_EQ(last_change, 20U);                          // the 21st result: from here on it is held
  EXPECT_EQ(states.find('I', last_change), 30U + 14U);  // until 15 of the 20 changes have aged out
  check.flapping.enabled = false;
  EXPECT_EQ(Play(check, "TFTFTFTFTFTFTFTFTFTFTFTFTF").find('f'), std::string::npos);
}

TEST(AlertTest, FlapShareIsNagios) {
  EXPECT_EQ(FlapShare(0, 21), 0);
  EXPECT_NEAR(FlapShare(0xAAAAA, 21), 1.0, 1e-9);
  EXPECT_NEAR(FlapShare(1, 21), 1.2 / 20, 1e-9);         // the newest change weighs 1.2
  EXPECT_NEAR(FlapShare(1U << 20, 21), 0.8 / 20, 1e-9);  // the oldest 0.8
  EXPECT_EQ(FlapShare(0xAAAAA, 20), 0);
}

TEST(AlertTest, RestoreCarriesForOn) {
  Check check;
  check.hold = hours(1);
  Alert alert;
  alert.state = AlertState::kPending;
  alert.since = kStart;
  const WallTime down = kStart + minutes(30);

  // Ten minutes away: 30 of 60 minutes are done.
  WallTime up = down + minutes(10);
  EXPECT_EQ(up - Restore(check, alert, down, up).since, minutes(30));
  // Nearly done: at least ten minutes are still to go.
  up = kStart + minutes(59);
  EXPECT_EQ(up - Restore(check, alert, kStart + minutes(58), up).since, minutes(50));
  // Away too long: starts again.
  up = down + hours(2);
  EXPECT_EQ(Restore(check, alert, down, up).state, AlertState::kInactive);
  // A short `for` starts again, too.
  check.hold = minutes(2);
  up = kStart + minutes(1);
  EXPECT_EQ(up - Restore(check, alert, kStart + seconds(50), up).since, minutes(0));
  // Firing stays firing.
  alert.state = AlertState::kFiring;
  EXPECT_EQ(Restore(check, alert, down, down + hours(9)).state, AlertState::kFiring);
}

TEST(AlertTest, JsonRoundTrip) {
  Alert alert;
  alert.check = "service_down";
  alert.instance = {{"service", "risk"}};
  alert.labels = {{"service", "risk"}, {"alertname", "service_down"}};
  alert.severity = Severity::kP1;
  alert.state = AlertState::kFiring;
  alert.unknown = true;
  alert.since = kStart;
  alert.last_true = kStart + seconds(1);
  alert.value = 0.5;
  alert.history = 0x1F;
  alert.results = 5;
  alert.source = "prometheus";
  alert.ends_at = kStart + hours(1);
  const auto back = Alert::FromJson(alert.ToJson());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->ToJson(), alert.ToJson());
  EXPECT_FALSE(Alert::FromJson(Json::object()).ok());
}

TEST(AlertTest, NeverFiresBeforeForAndAlwaysAfter) {
  EXPECT_TRUE(rc::check("for", [] {
    Check check;
    check.flapping.enabled = false;
    check.hold = seconds(*rc::gen::inRange(0, 100));
    const auto observations = *rc::gen::container<std::vector<bool>>(rc::gen::arbitrary<bool>());
    Alert alert;
    WallTime now = kStart;
    std::optional<WallTime> true_since;
    for (const bool truth : observations) {
      alert = Advance(check, alert, Saw(truth ? Truth::kTrue : Truth::kFalse), now).alert;
      if (!truth) true_since.reset();
      if (truth && !true_since) true_since = now;
      const bool wanted = true_since && now - *true_since >= check.hold;
      RC_ASSERT((alert.state == AlertState::kFiring) == wanted);
      now += seconds(10);
    }
  }));
}

TEST(SeverityTest, ReadsTheWordsOfOthers) {
  EXPECT_EQ(ParseSeverity("critical"), Severity::kP1);
  EXPECT_EQ(ParseSeverity("P2"), Severity::kP2);
  EXPECT_EQ(ParseSeverity("warning"), Severity::kP3);
  EXPECT_EQ(ParseSeverity("info"), Severity::kP4);
  EXPECT_FALSE(ParseSeverity("loud").has_value());
  EXPECT_EQ(SeverityName(Severity::kP1), "P1");
  EXPECT_EQ(SeverityWord(Severity::kP4), "low");
}

}  // namespace
}  // namespace vigia::checks
