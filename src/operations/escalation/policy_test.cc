#include "escalation/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigia::escalation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kStart{std::chrono::hours(24 * 20'000)};

// Seed 000: SRE on call at once, tech lead after 15 minutes, engineering manager after 30.
Policy Seed() {
  Policy policy;
  policy.name = "sre";
  policy.levels = {{"L1", minutes(0), {{Recipient::Kind::kSchedule, "sre"}}, {}},
                   {"L2", minutes(15), {{Recipient::Kind::kPerson, "lead"}}, {"sms"}},
                   {"L3", minutes(30), {{Recipient::Kind::kTeam, "managers"}}, {}}};
  policy.repeat = 1;
  policy.repeat_after = minutes(20);
  return policy;
}

std::vector<std::string> Names(const Decision& decision) {
  std::vector<std::string> names;
  for (const Call& call : decision.calls) names.push_back(call.level_name + "/" + std::to_string(call.round));
  return names;
}

// Ticks every minute; the calls as "minute:level/round".
std::string Play(Escalation escalation, int until, int acknowledged_at = -1) {
  std::string calls;
  for (int minute = 0; minute <= until; ++minute) {
    if (minute == acknowledged_at) escalation = Acknowledged(escalation, kStart + minutes(minute));
    const Decision decision = Advance(escalation, kStart + minutes(minute));
    escalation = decision.escalation;
    for (const std::string& name : Names(decision)) calls += std::to_string(minute) + ":" + name + " ";
  }
  return calls;
}

TEST(EscalationTest, GoesUpTheLadderAndRepeatsIt) {
  const Escalation escalation = Begin("INC-1", Seed(), "exhausted", checks::Severity::kP1, kStart);
  EXPECT_EQ(Play(escalation, 200), "0:L1/0 15:L2/0 30:L3/0 50:L1/1 65:L2/1 80:L3/1 ");
}

TEST(EscalationTest, AcknowledgementStopsIt) {
  const Escalation escalation = Begin("INC-1", Seed(), "exhausted", checks::Severity::kP1, kStart);
  EXPECT_EQ(Play(escalation, 200, 14), "0:L1/0 ");
}

TEST(EscalationTest, AnAcknowledgementCanExpire) {
  Policy policy = Seed();
  policy.acknowledge_timeout = minutes(30);
  policy.repeat = 0;
  const Escalation escalation = Begin("INC-1", policy, "exhausted", checks::Severity::kP1, kStart);
  EXPECT_EQ(Play(escalation, 200, 5), "0:L1/0 35:L1/0 50:L2/0 65:L3/0 ");
}

TEST(EscalationTest, CatchesUpAfterAnOutage) {
  const Escalation escalation = Begin("INC-1", Seed(), "exhausted", checks::Severity::kP1, kStart);
  EXPECT_THAT(Names(Advance(escalation, kStart + minutes(31))), testing::ElementsAre("L1/0", "L2/0", "L3/0"));
}

TEST(EscalationTest, SkipCallsTheNextLevelNowAndKeepsTheDistance) {
  Escalation escalation = Advance(Begin("INC-1", Seed(), "x", checks::Severity::kP1, kStart), kStart).escalation;
  Decision skipped = Skip(escalation, kStart + minutes(2));
  EXPECT_THAT(Names(skipped), testing::ElementsAre("L2/0"));
  EXPECT_TRUE(Advance(skipped.escalation, kStart + minutes(16)).calls.empty());
  EXPECT_THAT(Names(Advance(skipped.escalation, kStart + minutes(17))), testing::ElementsAre("L3/0"));
  EXPECT_TRUE(Skip(Stopped(escalation), kStart).calls.empty());
}

// Seed 000's criteria: more than 10% of the users hit calls L2, a rollback calls L3, before their time.
TEST(EscalationTest, ACriterionCallsItsLevelAtOnce) {
  Policy policy = Seed();
  policy.levels[1].on = {"impact_over_10_percent"};
  policy.levels[2].on = {"rollback"};
  const Escalation escalation = Advance(Begin("INC-1", policy, "x", checks::Severity::kP1, kStart), kStart).escalation;
  const Decision hit = Jump(escalation, "impact_over_10_percent", kStart + minutes(1));
  EXPECT_THAT(Names(hit), testing::ElementsAre("L2/0"));
  EXPECT_TRUE(Jump(hit.escalation, "impact_over_10_percent", kStart + minutes(2)).calls.empty());
  EXPECT_THAT(Names(Jump(escalation, "rollback", kStart + minutes(1))), testing::ElementsAre("L2/0", "L3/0"));
  EXPECT_TRUE(Jump(escalation, "weather", kStart + minutes(1)).calls.empty());
  EXPECT_TRUE(Jump(Acknowledged(escalation, kStart), "rollback", kStart + minutes(1)).calls.empty());
}

TEST(EscalationTest, JsonRoundTrip) {
  Escalation escalation = Begin("INC-1", Seed(), "exhausted", checks::Severity::kP2, kStart);
  escalation = Acknowledged(Advance(escalation, kStart + minutes(20)).escalation, kStart + minutes(21));
  EXPECT_EQ(Escalation::FromJson(escalation.ToJson())->ToJson(), escalation.ToJson());
  EXPECT_FALSE(Escalation::FromJson(Json::object()).ok());
}

TEST(RecipientTest, Parses) {
  EXPECT_EQ(ParseRecipient("team:leads")->kind, Recipient::Kind::kTeam);
  EXPECT_EQ(ParseRecipient("schedule:sre")->name, "sre");
  for (const char* text : {"", "ana", "person:", "robot:x"}) EXPECT_FALSE(ParseRecipient(text).ok()) << text;
}

}  // namespace
}  // namespace vigia::escalation
