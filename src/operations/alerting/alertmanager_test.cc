#include "alerting/alertmanager.h"

#include <gtest/gtest.h>

#include <set>

#include "alerting/testing/moments.h"

namespace vigia::alerting {
namespace {

using signals::Matcher;
using std::chrono::hours;
using std::chrono::minutes;

AlertView View(const signals::LabelSet& labels, Suppression suppression = {}) {
  AlertView view;
  view.alert.labels = labels;
  view.alert.state = checks::AlertState::kFiring;
  view.alert.since = kNoon - minutes(1);
  view.alert.last_true = kNoon;
  view.suppression = std::move(suppression);
  view.receiver = "sre";
  return view;
}

std::string Names(const Json& alerts) {
  std::string names;
  for (const Json& alert : alerts) names += alert["labels"]["alertname"].get<std::string>() + " ";
  return names;
}

TEST(AlertmanagerTest, AnAlertHasTheShapeOfTheSpecification) {
  Suppression suppression;
  suppression.silenced_by = {"s1"};
  EXPECT_EQ(AlertToApi(View({{"alertname", "down"}}, suppression), kNoon), ParseJson(R"({
    "annotations": {}, "endsAt": "2026-11-20T12:05:00.000000Z", "fingerprint": "57ee15db825f2ab4",
    "receivers": [{"name": "sre"}], "startsAt": "2026-11-20T11:59:00.000000Z",
    "status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": ["s1"], "state": "suppressed"},
    "updatedAt": "2026-11-20T12:00:00.000000Z", "generatorURL": "", "labels": {"alertname": "down"}})")
                                                                               .value());
}

TEST(AlertmanagerTest, FiltersAlerts) {
  Suppression silenced;
  silenced.silenced_by = {"s"};
  Suppression inhibited;
  inhibited.inhibited_by = {"f"};
  Suppression window;
  window.windows = {"night"};
  const std::vector<AlertView> views = {
      View({{"alertname", "active"}, {"zone", "a"}}), View({{"alertname", "silenced"}}, silenced),
      View({{"alertname", "inhibited"}}, inhibited), View({{"alertname", "window"}}, window)};
  const auto ask = [&](const QueryParameters& query) {
    std::multiset<std::string> names;
    for (const Json& alert : AlertsToApi(views, ReadAlertFilter(query).value(), kNoon)) {
      names.insert(alert["labels"]["alertname"].get<std::string>());
    }
    std::string text;
    for (const std::string& name : names) text += name + " ";
    return text;
  };
  EXPECT_EQ(ask({}), "active inhibited silenced window ");
  EXPECT_EQ(ask({{"active", "false"}}), "inhibited silenced window ");
  EXPECT_EQ(ask({{"silenced", "false"}}), "active inhibited ");
  EXPECT_EQ(ask({{"inhibited", "false"}, {"silenced", "false"}, {"unprocessed", "false"}}), "active ");
  EXPECT_EQ(ask({{"filter", "zone=\"a\""}}), "active ");
  EXPECT_EQ(ask({{"filter", "zone=\"\""}, {"filter", "alertname!~\"in.*\""}}), "silenced window ");
  EXPECT_EQ(ask({{"receiver", "sre|ml"}}), "active inhibited silenced window ");
  EXPECT_EQ(ask({{"receiver", "sr"}}), "");
  EXPECT_FALSE(ReadAlertFilter({{"active", "perhaps"}}).ok());
  EXPECT_FALSE(ReadAlertFilter({{"filter", "zone"}}).ok());
}

TEST(AlertmanagerTest, GroupsAlerts) {
  const std::vector<AlertView> views = {View({{"alertname", "b"}, {"zone", "1"}}),
                                        View({{"alertname", "a"}, {"zone", "2"}}),
                                        View({{"alertname", "a"}, {"zone", "1"}})};
  const Json groups = GroupsToApi(views, {}, {"zone"}, kNoon);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0]["labels"], (Json{{"zone", "1"}}));
  EXPECT_EQ(groups[0]["receiver"], (Json{{"name", "sre"}}));
  EXPECT_EQ(Names(groups[0]["alerts"]), "a b ");
  EXPECT_EQ(GroupsToApi(views, {}, {}, kNoon).size(), 3U);
}

TEST(AlertmanagerTest, SilencesGoThereAndBack) {
  const Json posted = ParseJson(R"({"matchers": [{"name": "a", "value": "b|c", "isRegex": true},
    {"name": "d", "value": "e", "isRegex": false, "isEqual": false}], "startsAt": "2026-11-20T11:00:00Z",
    "endsAt": "2026-11-20T13:00:00.000Z", "createdBy": "ana", "comment": "why", "id": ""})")
                          .value();
  Silence silence = SilenceFromApi(posted).value();
  silence.id = "s1";
  const Json got = SilenceToApi(silence, kNoon);
  EXPECT_EQ(got["status"]["state"], "active");
  EXPECT_EQ(got["matchers"][0], (Json{{"name", "a"}, {"value", "b|c"}, {"isRegex", true}, {"isEqual", true}}));
  EXPECT_EQ(got["matchers"][1], (Json{{"name", "d"}, {"value", "e"}, {"isRegex", false}, {"isEqual", false}}));
  for (const char* key : {"matchers", "startsAt", "endsAt", "createdBy", "comment"}) {
    Json less = posted;
    less.erase(key);
    EXPECT_FALSE(SilenceFromApi(less).ok()) << key;
  }
  EXPECT_FALSE(SilenceFromApi(Json::array()).ok());
}

TEST(AlertmanagerTest, ListsSilencesByState) {
  Silences silences;
  const auto add = [&](const char* id, int from, int to, const char* matcher) {
    Silence silence;
    silence.id = id;
    silence.matchers = {Matcher::Parse(matcher).value()};
    silence.starts_at = kNoon + hours(from);
    silence.ends_at = kNoon + hours(to);
    silences[id] = silence;
  };
  add("expired", -3, -2, "a=b");
  add("expired later", -3, -1, "a=b");
  add("pending", 1, 2, "a=b");
  add("active", -1, 2, "a=b");
  add("active, ends first", -1, 1, "c=d");
  const auto ids = [&](const char* filter) {
    std::string text;
    const auto matchers = *filter == 0 ? std::vector<Matcher>() : std::vector{Matcher::Parse(filter).value()};
    for (const Json& one : SilencesToApi(silences, matchers, kNoon)) text += one["id"].get<std::string>() + "; ";
    return text;
  };
  EXPECT_EQ(ids(""), "active, ends first; active; pending; expired later; expired; ");
  EXPECT_EQ(ids("c=\"d\""), "active, ends first; ");
  EXPECT_EQ(ids("a=~\"b.*\""), "active; pending; expired later; expired; ");
}

TEST(AlertmanagerTest, SaysWhatIsInForce) {
  const Json status = StatusToApi({"1.2", kNoon, {"ml", "sre"}, "sre", {"alertname"}});
  EXPECT_EQ(status["config"]["original"],
            "route:\n  receiver: \"sre\"\n  group_by: [\"alertname\"]\nreceivers:\n- name: \"ml\"\n- name: \"sre\"\n");
  EXPECT_EQ(status["cluster"]["status"], "disabled");
  EXPECT_EQ(status["versionInfo"]["version"], "1.2");
  EXPECT_EQ(status["uptime"], "2026-11-20T12:00:00.000000Z");
}

}  // namespace
}  // namespace vigia::alerting
