#include "alerting/foreign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "alerting/testing/moments.h"

namespace vigia::alerting {
namespace {

using checks::AlertState;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;

Received Read(const std::string& text) { return ReadAlerts(ParseJson(text).value(), {}, kNoon).value(); }

// As Prometheus 2.42 sends them.
TEST(ForeignTest, ReadsWhatPrometheusSends) {
  const Received received = Read(R"([
    {"labels": {"alertname": "HighErrors", "severity": "page", "instance": "a:1", "empty": ""},
     "annotations": {"summary": "too many"}, "startsAt": "2026-11-20T11:58:00.123456789Z",
     "endsAt": "2026-11-20T12:04:00Z", "generatorURL": "http://prometheus:9090/graph"},
    {"labels": {"alertname": "Over"}, "startsAt": "2026-11-20T11:00:00Z", "endsAt": "2026-11-20T11:30:00Z"}])");
  EXPECT_TRUE(received.problems.empty());
  ASSERT_EQ(received.alerts.size(), 2U);
  const checks::Alert& alert = received.alerts[0];
  EXPECT_EQ(alert.check, "HighErrors");
  EXPECT_EQ(alert.severity, checks::Severity::kP1);
  EXPECT_EQ(alert.labels.ToString(), "alertname=HighErrors,instance=a:1,severity=page");
  EXPECT_EQ(alert.state, AlertState::kFiring);
  EXPECT_EQ(FormatTime(alert.since), "2026-11-20T11:58:00.123456Z");
  EXPECT_EQ(alert.ends_at, kNoon + minutes(4));
  EXPECT_EQ(alert.annotations.at("summary"), "too many");
  EXPECT_EQ(alert.source, kFromApi);
  EXPECT_EQ(received.alerts[1].state, AlertState::kInactive);
  EXPECT_EQ(checks::Alert::FromJson(alert.ToJson()).value().ToJson(), alert.ToJson());
}

TEST(ForeignTest, FillsInTimesAsAlertmanagerDoes) {
  const Received received = Read(R"([{"labels": {"a": "b"}},
    {"labels": {"a": "c"}, "endsAt": "2026-11-20T12:10:00+00:00", "startsAt": "0001-01-01T00:00:00Z"},
    {"labels": {"a": "d"}, "startsAt": "2031-01-01T00:00:00Z"}])");
  ASSERT_EQ(received.alerts.size(), 3U);
  EXPECT_EQ(received.alerts[0].since, kNoon);
  EXPECT_EQ(received.alerts[0].ends_at, kNoon + minutes(5));
  EXPECT_EQ(received.alerts[1].ends_at, kNoon + minutes(10));
  EXPECT_EQ(received.alerts[2].since, kNoon);  // a clock that goes wrong elsewhere
}

TEST(ForeignTest, KeepsTheGoodOnesAndNamesTheBad) {
  const Received received = Read(R"([{"labels": {"a": "b"}}, {}, 3, {"labels": {"a": ""}}, {"labels": {"a": 1}},
    {"labels": {"1a": "b"}}, {"labels": {"a": "b"}, "startsAt": "yesterday"},
    {"labels": {"a": "b"}, "startsAt": "2026-11-20T11:00:00Z", "endsAt": "2026-11-20T10:00:00Z"}])");
  EXPECT_EQ(received.alerts.size(), 1U);
  EXPECT_THAT(received.problems,
              ElementsAre("alert 2: it has no labels", "alert 3: it is not an object", "alert 4: it has no labels",
                          "alert 5: a label's value is not a text", "alert 6: a label's name is not one",
                          "alert 7: 'startsAt': not an RFC 3339 time (want 2026-01-31T12:00:00Z)",
                          "alert 8: it ends before it starts"));
  EXPECT_FALSE(ReadAlerts(Json::object(), {}, kNoon).ok());
  EXPECT_FALSE(ReadWebhook(Json::array(), {}, kNoon).ok());
  EXPECT_FALSE(ReadWebhook({{"version", "3"}, {"alerts", Json::array()}}, {}, kNoon).ok());
  EXPECT_FALSE(ReadWebhook({{"version", "4"}}, {}, kNoon).ok());
}

TEST(ForeignTest, ReadsTheWebhook) {
  const Json body = ParseJson(R"({"version": "4", "groupKey": "{}:{}", "status": "firing", "receiver": "vigia",
    "alerts": [
      {"status": "firing", "labels": {"alertname": "X"}, "annotations": {}, "startsAt": "2026-11-20T11:00:00Z",
       "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": "0"},
      {"status": "resolved", "labels": {"alertname": "Y"}, "startsAt": "2026-11-20T11:00:00Z",
       "endsAt": "2026-11-20T12:30:00Z"}]})")
                        .value();
  const Received received = ReadWebhook(body, {}, kNoon).value();
  ASSERT_EQ(received.alerts.size(), 2U);
  EXPECT_EQ(received.alerts[0].ends_at, kNoon + hours(12));
  EXPECT_EQ(received.alerts[0].source, kFromWebhook);
  EXPECT_EQ(received.alerts[1].state, AlertState::kInactive);  // it says so, whatever its clock says
}

TEST(ForeignTest, TheSameAlertAgainMovesItsEnd) {
  const checks::Alert first = Read(R"([{"labels": {"a": "b"}, "startsAt": "2026-11-20T11:00:00Z",
    "annotations": {"x": "1"}}])")
                                  .alerts[0];
  const checks::Alert again =
      ReadAlerts(ParseJson(R"([{"labels": {"a": "b"}, "annotations": {"x": "2"}}])").value(), {}, kNoon + minutes(1))
          .value()
          .alerts[0];
  const checks::Alert merged = Merge(first, again);
  EXPECT_EQ(merged.since, kNoon - hours(1));
  EXPECT_EQ(merged.ends_at, kNoon + minutes(6));
  EXPECT_EQ(merged.annotations.at("x"), "2");
  EXPECT_FALSE(IsOver(merged, kNoon + minutes(5)));
  EXPECT_TRUE(IsOver(merged, kNoon + minutes(6)));
  // After a long absence it is not over before its sender had the time to say more.
  EXPECT_FALSE(IsOver(RestoreForeign(merged, kNoon + hours(3)), kNoon + hours(3)));
  EXPECT_TRUE(IsOver(RestoreForeign(merged, kNoon + hours(3)), kNoon + hours(3) + minutes(2)));
}

}  // namespace
}  // namespace vigia::alerting
