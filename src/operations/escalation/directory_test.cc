#include "escalation/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temp_folder.h"
#include "base/text.h"
#include "escalation/directory_load.h"

namespace vigia::escalation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The four schemes of the runbooks: 000 (L1 SRE on call, L2 tech lead after 15 min, L3 manager after
// 30, with its criteria), 002 (by colour), 003 (L1-L4, NOC 24/7, engineering 8x5), 004.
constexpr const char* kSeeds = R"(people:
  ana: {full_name: Ana Souza, addresses: {sms: "+5511", email: ana@example.org}, rules: {medium: [email]}, roles: [oncall]}
  bia: {addresses: {email: bia@example.org, sms: "+5512"}}
  caio: {addresses: {sms: "+5513"}}
  lead: {addresses: {sms: "+5514", email: lead@example.org}}
  manager: {addresses: {sms: "+5515"}}
  backup: {addresses: {email: jane@example.org}}
  director: {addresses: {sms: "+5516"}}
teams:
  managers: [manager, backup]
schedules:
  sre:
    time_zone: America/Sao_Paulo
    layers:
      - {rotation: [ana, [bia, caio]], start: 2026-01-05T09:00, turn: 7d}
    overrides:
      - {from: 2026-12-24T18:00, to: 2026-12-26T09:00, people: [caio]}
  noc: {layers: [{rotation: bia, hours: 24/7}]}
  engineering:
    time_zone: Europe/Berlin
    layers: [{rotation: [lead], hours: 8x5}]
policies:
  "000":
    levels:
      - {name: L1, after: 0s, notify: "schedule:sre"}
      - {name: L2, after: 15m, notify: "person:lead", via: [sms], on: [impact_over_10_percent]}
      - {name: L3, after: 30m, notify: "team:managers", on: [rollback]}
    fallback: ["person:lead"]
  "002-red":
    levels: [{name: L2, after: 0s, notify: "person:lead"}, {name: L3, after: 4h, notify: "team:managers", on: [performance_degraded]}]
  "003":
    levels:
      - {name: L1, after: 0s, notify: "schedule:noc"}
      - {name: L2, after: 30m, notify: "schedule:engineering"}
      - {name: L3, after: 1h, notify: "team:managers"}
      - {name: L4, after: 2h, notify: "person:director"}
    fallback: ["person:director"]
  "004":
    levels: [{name: L1, notify: "schedule:sre"}, {name: L2, after: 30m, notify: "person:lead"}]
windows:
  change-freeze: {time_zone: Europe/Berlin, hours: ["Fri 18:00-24:00", "Sat,Sun 00:00-24:00"], dates: [{from: 2026-12-21, to: 2027-01-04}]}
routes:
  - {channel: email, to: [ops@example.org], severity: [critical, high]}
  - {channel: slack, to: ["#ops-alerts"], severity: [critical, high, medium]}
  - {channel: sms, to: ["+1234567890"], severity: [critical]}
)";

const std::vector<std::string> kChannels = {"email", "slack", "sms"};

WallTime At(const char* text) { return ParseTime(text).value(); }

class DirectoryTest : public ::testing::Test {
 protected:
  Directory Load(const std::string& yaml) {
    problems_.clear();
    const auto node = config::ParseYaml(yaml, "oncall.yaml");
    CHECK(node.ok(), "yaml");
    return LoadDirectory(*node, "oncall.yaml", {files_, zones_, folder_.path()}, {"channels"}, problems_);
  }
  // Problems of loading and linting, one a line.
  std::string Problems(const std::string& yaml) {
    const Directory directory = Load(yaml);
    std::string text;
    for (const auto& problem : problems_) text += problem.ToString() + "\n";
    if (!problems_.empty()) return text;
    for (const auto& problem : LintDirectory(directory, kChannels, At("2026-11-20T12:00:00Z"))) {
      text += problem.ToString() + "\n";
    }
    return text;
  }
  static std::string Text(const std::vector<Reached>& reached) {
    std::string text;
    for (const Reached& one : reached) text += one.person + "/" + one.address.channel + " ";
    return text;
  }
  std::string Call(const Directory& directory, const std::string& policy, size_t level, const char* now,
                   checks::Severity severity = checks::Severity::kP1) const {
    const Policy& chosen = directory.policies.at(policy);
    const Level& called = chosen.levels.at(level);
    return Text(Resolve(directory, {level, 0, called.name, called.notify, called.via}, chosen, severity, At(now)));
  }

  TempFolder folder_;
  SystemFiles files_;
  calendar::TimeZones zones_{files_};
  std::vector<config::Problem> problems_;
};

TEST_F(DirectoryTest, TheSeedsAreCleanAndReachTheirLevels) {
  EXPECT_EQ(Problems(kSeeds), "");
  const Directory directory = Load(kSeeds);
  struct Case {
    const char* policy;
    size_t level;
    const char* now;
    const char* reached;
  };
  constexpr Case kCases[] = {
      {"000", 0, "2026-01-05T12:00:00Z", "ana/sms ana/email "},
      {"000", 1, "2026-01-05T12:00:00Z", "lead/sms "},
      {"000", 2, "2026-01-05T12:00:00Z", "manager/sms backup/email "},
      {"000", 0, "2026-01-05T11:59:59Z", "lead/sms lead/email "},  // before the first turn: the fallback
      {"003", 1, "2026-11-20T15:59:59Z", "lead/sms lead/email "},  // Friday 16:59 in Berlin
      {"003", 1, "2026-11-20T16:00:00Z", "director/sms "},         // after hours: the fallback
      {"003", 1, "2026-07-20T07:00:00Z", "lead/sms lead/email "},  // Monday 09:00 summer time
      {"003", 1, "2026-07-20T06:59:59Z", "director/sms "},
      {"003", 3, "2026-11-22T03:00:00Z", "director/sms "},
      {"004", 0, "2026-12-25T12:00:00Z", "caio/sms "},  // the override
  };
  for (const Case& c : kCases) EXPECT_EQ(Call(directory, c.policy, c.level, c.now), c.reached) << c.policy << c.now;
  EXPECT_EQ(Call(directory, "000", 0, "2026-01-05T12:00:00Z", checks::Severity::kP3), "ana/email ");
}

// Turns change at 09:00 on the wall in every week, whatever the clocks do.
TEST_F(DirectoryTest, RotationsAcrossDaylightSaving) {
  const Directory directory =
      Load(R"(people: {a: {addresses: {sms: "1"}}, b: {addresses: {sms: "2"}}, c: {addresses: {sms: "3"}}}
schedules:
  weekly: {time_zone: Europe/Berlin, layers: [{rotation: [a, b, c], start: 2026-03-23T09:00, turn: 1w}]}
  half: {time_zone: Europe/Berlin, layers: [{rotation: [a, b], start: 2026-10-24T02:30, turn: 12h}]}
  night:
    time_zone: America/Sao_Paulo
    layers: [{rotation: b, hours: "Mon-Fri 22:00-06:00"}, {rotation: a, hours: 24/7}]
)");
  ASSERT_TRUE(problems_.empty()) << problems_[0].ToString();
  const auto on = [&](const char* schedule, const char* now) {
    return Join(OnShift(directory.schedules.at(schedule), At(now)), ",");
  };
  EXPECT_EQ(on("weekly", "2026-03-23T07:59:59Z"), "");
  EXPECT_EQ(on("weekly", "2026-03-23T08:00:00Z"), "a");
  EXPECT_EQ(on("weekly", "2026-03-30T06:59:59Z"), "a");  // summer time since the 29th
  EXPECT_EQ(on("weekly", "2026-03-30T07:00:00Z"), "b");
  EXPECT_EQ(on("weekly", "2026-10-26T07:59:59Z"), "a");  // winter time since the 25th
  EXPECT_EQ(on("weekly", "2026-10-26T08:00:00Z"), "b");
  // The hour from 02:00 happens twice on the 25th: the handover at 02:30 is its first, and is not taken back.
  EXPECT_EQ(on("half", "2026-10-25T00:29:59Z"), "b");
  EXPECT_EQ(on("half", "2026-10-25T00:30:00Z"), "a");
  EXPECT_EQ(on("half", "2026-10-25T01:15:00Z"), "a");
  EXPECT_EQ(on("half", "2026-10-25T01:45:00Z"), "a");
  EXPECT_EQ(on("half", "2026-10-25T13:30:00Z"), "b");
  EXPECT_EQ(on("night", "2026-11-21T02:00:00Z"), "b");  // Friday 23:00
  EXPECT_EQ(on("night", "2026-11-21T09:00:00Z"), "a");  // Saturday 06:00: the layer below
}

TEST_F(DirectoryTest, CalendarsNamePeople) {
  ASSERT_TRUE(files_
                  .Write(folder_.path() + "/oncall.ics",
                         "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Ana Souza e bia\r\n"
                         "DTSTART;TZID=America/Sao_Paulo:20261120T090000\r\nDURATION:PT8H\r\nEND:VEVENT\r\n"
                         "BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:team lunch\r\nDTSTART;VALUE=DATE:20261121\r\nEND:VEVENT\r\n"
                         "END:VCALENDAR\r\n")
                  .ok());
  const Directory directory =
      Load(R"(people: {ana: {full_name: Ana Souza, addresses: {sms: "1"}}, bia: {addresses: {sms: "2"}}}
schedules: {sre: {time_zone: America/Sao_Paulo, ical: oncall.ics, layers: [{rotation: bia, hours: 8x5}]}}
)");
  ASSERT_TRUE(problems_.empty()) << problems_[0].ToString();
  const Schedule& sre = directory.schedules.at("sre");
  EXPECT_THAT(OnShift(sre, At("2026-11-20T12:00:00Z")), ElementsAre("ana", "bia"));
  EXPECT_THAT(OnShift(sre, At("2026-11-19T12:00:00Z")), ElementsAre("bia"));  // no event: the layer
  EXPECT_THAT(OnShift(sre, At("2026-11-21T12:00:00Z")), IsEmpty());           // lunch is nobody
  EXPECT_THAT(Problems("schedules: {x: {ical: missing.ics}}\n"), HasSubstr("missing.ics"));
}

TEST_F(DirectoryTest, NobodyIsReachedTwiceByOneCall) {
  const Directory directory = Load(R"(people: {a: {addresses: {sms: "1"}}, b: {addresses: {sms: "1", email: b@x}}}
teams: {t: [a, b, a]}
policies: {p: {levels: [{notify: ["person:a", "team:t"]}]}}
)");
  EXPECT_EQ(Call(directory, "p", 0, "2026-11-20T12:00:00Z"), "a/sms b/email ");
}

TEST_F(DirectoryTest, WindowsAndRooms) {
  const Directory directory = Load(kSeeds);
  const TimeWindow& freeze = directory.windows.at("change-freeze");
  EXPECT_FALSE(Inside(freeze, At("2026-11-20T16:59:59Z")));
  EXPECT_TRUE(Inside(freeze, At("2026-11-20T17:00:00Z")));
  EXPECT_TRUE(Inside(freeze, At("2026-11-22T22:59:59Z")));
  EXPECT_FALSE(Inside(freeze, At("2026-11-22T23:00:00Z")));
  EXPECT_TRUE(Inside(freeze, At("2026-12-29T12:00:00Z")));
  EXPECT_EQ(Text(Rooms(directory, checks::Severity::kP1)), "/email /slack /sms ");
  EXPECT_EQ(Text(Rooms(directory, checks::Severity::kP3)), "/slack ");
  EXPECT_EQ(Text(Rooms(directory, checks::Severity::kP4)), "");
}

TEST_F(DirectoryTest, RefusesWithFileLineAndASentence) {
  struct Case {
    const char* yaml;
    const char* problem;
  };
  constexpr Case kCases[] = {
      {"pepole: {}\n", "oncall.yaml:1: "},
      {"people:\n  ana: {adresses: {sms: '1'}}\n", "oncall.yaml:2: "},
      {"people:\n  ana: {addresses: {fax: '1'}}\n",
       "oncall.yaml:2: person 'ana' cannot be reached: no address of a channel that exists"},
      {"people:\n  ana: {addresses: {fax: '1'}}\n", "oncall.yaml:2: person 'ana': there is no channel 'fax'"},
      {"people:\n  ana: {}\n", "oncall.yaml:2: person 'ana' cannot be reached"},
      {"people:\n  ana: {addresses: {sms: '1'}, rules: {high: [email]}}\n",
       "oncall.yaml:2: person 'ana' wants high incidents by 'email' but has no address for it"},
      {"people:\n  ana: {addresses: {sms: '1'}, rules: {huge: [sms]}}\n", "oncall.yaml:2: 'huge' is no severity"},
      {"teams:\n  t: []\n", "oncall.yaml:2: team 't' has nobody in it"},
      {"teams:\n  t: [zoe]\n", "oncall.yaml:2: team 't' names 'zoe', who is not among the people"},
      {"schedules:\n  s: {time_zone: Mars/Base, layers: [{rotation: a}]}\n",
       "oncall.yaml:2: schedule 's': there is no time zone 'Mars/Base'"},
      {"schedules:\n  s: {layers: [{rotation: [a, b]}]}\n",
       "oncall.yaml:2: a layer of schedule 's': 'start' must say when"},
      {"schedules:\n  s: {layers: [{rotation: a, hours: 9to5}]}\n",
       "oncall.yaml:2: a layer of schedule 's': hours are written"},
      {"schedules:\n  s: {layers: [{rotation: a, turn: 1s}]}\n",
       "oncall.yaml:2: a layer of schedule 's': 'turn' must be at least a minute"},
      {"schedules:\n  s: {}\n", "oncall.yaml:2: schedule 's': it needs layers or an ical"},
      {"schedules:\n  s:\n    layers: [{rotation: a}]\n    overrides:\n      - {from: 2026-12-02, to: 2026-12-01, "
       "people: a}\n",
       "oncall.yaml:5: an override of schedule 's': 'to' must be later than 'from'"},
      {"people: {a: {addresses: {sms: '1'}}}\nschedules:\n  s: {layers: [{rotation: a, start: 2099-01-01}]}\n",
       "oncall.yaml:3: schedule 's' has nobody on in the next five weeks"},
      {"policies:\n  p: {levels: []}\n", "oncall.yaml:2: policy 'p' has no levels"},
      {"policies:\n  p:\n    levels:\n      - {notify: [everyone]}\n",
       "oncall.yaml:4: a level of policy 'p': a recipient is person:NAME"},
      {"policies:\n  p:\n    levels:\n      - {notify: ['person:zoe']}\n",
       "oncall.yaml:4: level 'L1' of policy 'p' notifies person 'zoe', which does not exist"},
      {"people: {a: {addresses: {email: a@x}}}\npolicies:\n  p:\n    levels:\n      - {notify: ['person:a'], via: "
       "[sms]}\n",
       "oncall.yaml:5: level 'L1' of policy 'p' calls person 'a' by sms, who has no such address"},
      {"people: {a: {addresses: {sms: '1'}}}\npolicies:\n  p:\n    levels:\n      - {after: 5m, notify: 'person:a'}\n"
       "      - {after: 1m, notify: 'person:a'}\n",
       "oncall.yaml:6: a level of policy 'p': 'after' must not be earlier"},
      {"windows:\n  w: {}\n", "oncall.yaml:2: window 'w': it needs hours or dates"},
      {"routes:\n  - {channel: fax, to: x}\n", "oncall.yaml:2: there is no channel 'fax'"},
  };
  for (const Case& c : kCases) EXPECT_THAT(Problems(c.yaml), HasSubstr(c.problem)) << c.yaml;
}

TEST_F(DirectoryTest, FindsTheHourInWhichNobodyIsReached) {
  const std::string base =
      "people: {a: {addresses: {sms: '1'}}, b: {addresses: {sms: '2'}}}\n"
      "schedules:\n"
      "  day: {time_zone: America/Sao_Paulo, layers: [{rotation: a, hours: 8x5}]}\n"
      "  night: {time_zone: Europe/Berlin, layers: [{rotation: b, hours: '21:00-12:00; Sat,Sun "
      "00:00-24:00'}]}\n"
      "policies:\n"
      "  p:\n"
      "    levels:\n"
      "      - {notify: ['schedule:day', 'schedule:night']}\n";
  // In November Berlin's 12:00 is 08:00 in São Paulo: an hour without anybody, on weekdays.
  EXPECT_EQ(Problems(base),
            "oncall.yaml:8: level 'L1' of policy 'p' reaches nobody at 2026-11-23 08:00 (America/Sao_Paulo), "
            "and the policy has no fallback\n");
  EXPECT_EQ(Problems(base + "    fallback: ['person:a']\n"), "");
  EXPECT_THAT(Problems(base + "    fallback: ['schedule:day']\n"),
              HasSubstr("2026-11-23 08:00 (America/Sao_Paulo), nor does the fallback"));
}

// The ladder, the directory and the clock together: who is called when, until somebody acknowledges.
TEST_F(DirectoryTest, ALadderIsPlayedOncePerLevelAndStopsWhenAcknowledged) {
  const Directory directory = Load(kSeeds);
  const WallTime start = At("2026-01-05T11:50:00Z");  // the first turn begins ten minutes later
  for (const int acknowledged : {-1, 20, 0}) {
    Escalation escalation = Begin("INC-1", directory.policies.at("000"), "down", checks::Severity::kP1, start);
    std::string calls;
    for (int minute = 0; minute < 60; ++minute) {
      const WallTime now = start + std::chrono::minutes(minute);
      Decision decision = Advance(escalation, now);
      escalation = decision.escalation;
      for (const escalation::Call& call : decision.calls) {
        calls += std::to_string(minute) + ":" +
                 Text(Resolve(directory, call, escalation.policy, checks::Severity::kP1, now));
      }
      if (minute == acknowledged) escalation = Acknowledged(escalation, now);
    }
    EXPECT_EQ(calls, acknowledged == 0    ? "0:lead/sms lead/email "
                     : acknowledged == 20 ? "0:lead/sms lead/email 15:lead/sms "
                                          : "0:lead/sms lead/email 15:lead/sms 30:manager/sms backup/email ");
  }
}

}  // namespace
}  // namespace vigia::escalation
