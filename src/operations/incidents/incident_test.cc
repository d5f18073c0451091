#include "incidents/incident.h"

#include <gtest/gtest.h>

#include "incidents/kinds.h"

namespace vigia::incidents {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr WallTime kStart{std::chrono::hours(24 * 20'000)};

Incident Opened() {
  Opening opening;
  opening.id = "INC-000001";
  opening.number = 1;
  opening.runbook = "service-down";
  opening.key = "service=risk";
  opening.title = "Service is down";
  opening.severity = Severity::kP1;
  opening.labels = {{"service", "risk"}};
  opening.policy = "sre";
  return Open(opening, kStart).incident;
}

TEST(IncidentTest, OpensWithAnEntry) {
  Opening opening;
  opening.id = "INC-000001";
  opening.key = "service=risk";
  opening.title = "Service is down";
  opening.severity = Severity::kP1;
  const Transition made = Open(opening, kStart);
  EXPECT_TRUE(made.incident.open());
  ASSERT_EQ(made.entries.size(), 1U);
  EXPECT_EQ(made.entries[0].kind, kinds::kOpened);
  EXPECT_EQ(made.entries[0].text, "P1 Service is down (service=risk)");
}

TEST(IncidentTest, AlertsComeAndGoButDoNotCloseIt) {
  Transition step = AlertFired(Opened(), "f1", "service_down fired", kStart);
  EXPECT_TRUE(step.incident.firing);
  EXPECT_EQ(step.entries.size(), 1U);
  step = AlertFired(step.incident, "f1", "service_down fired", kStart);
  EXPECT_TRUE(step.entries.empty());  // said once
  step = AlertFired(step.incident, "f2", "", kStart);
  step = AlertCleared(step.incident, "f1", "", kStart);
  EXPECT_TRUE(step.incident.firing);
  step = AlertCleared(step.incident, "f2", "", kStart);
  EXPECT_FALSE(step.incident.firing);
  EXPECT_TRUE(step.incident.open());
  EXPECT_TRUE(AlertCleared(step.incident, "f9", "", kStart).entries.empty());
}

TEST(IncidentTest, AcknowledgesOnce) {
  const auto step = Acknowledge(Opened(), "ana", kStart + seconds(90));
  ASSERT_TRUE(step.ok());
  EXPECT_EQ(step->incident.acknowledged_by, "ana");
  EXPECT_EQ(step->incident.assignee, "ana");
  EXPECT_EQ(step->incident.checklist.count(Item::kAcknowledged), 1U);
  EXPECT_EQ(step->entries.at(0).text, "ana acknowledged after 1m30s");
  EXPECT_EQ(Acknowledge(step->incident, "bob", kStart).error().message(),
            "incident INC-000001 is already acknowledged by ana");
}

TEST(IncidentTest, FiveMinutesWithoutAcknowledgementAreNotedOnce) {
  Incident incident = Opened();
  EXPECT_TRUE(Tick(incident, kStart + minutes(5) - seconds(1)).entries.empty());
  const Transition late = Tick(incident, kStart + minutes(5));
  ASSERT_EQ(late.entries.size(), 1U);
  EXPECT_EQ(late.entries[0].kind, kinds::kAcknowledgeLate);
  EXPECT_TRUE(Tick(late.incident, kStart + minutes(6)).entries.empty());
  incident = Acknowledge(incident, "ana", kStart + minutes(1))->incident;
  EXPECT_TRUE(Tick(incident, kStart + minutes(9)).entries.empty());
}

TEST(IncidentTest, PeopleNoteAssignRaiseAndResolve) {
  Incident incident = Opened();
  EXPECT_EQ(Note(incident, "ana", "looking", kStart)->entries.at(0).who, "ana");
  EXPECT_FALSE(Note(incident, "ana", "", kStart).ok());
  EXPECT_EQ(Assign(incident, "ana", "bob", kStart)->incident.assignee, "bob");
  EXPECT_EQ(Raise(incident, "ana", Severity::kP2, kStart)->incident.severity, Severity::kP2);
  incident = Resolve(incident, "verify", Actor::kRunbook, "verified", kStart + minutes(1))->incident;
  EXPECT_FALSE(incident.open());
  EXPECT_EQ(incident.checklist.count(Item::kMitigated), 1U);
  EXPECT_FALSE(Resolve(incident, "ana", Actor::kHuman, "", kStart).ok());
  EXPECT_FALSE(Acknowledge(incident, "ana", kStart).ok());
  EXPECT_TRUE(Note(incident, "ana", "afterwards", kStart).ok());
}

TEST(IncidentTest, JsonRoundTrip) {
  Incident incident = AlertFired(Opened(), "f1", "", kStart).incident;
  incident = Acknowledge(incident, "ana", kStart + minutes(1))->incident;
  incident = Mark(incident, Item::kDiagnosis, kStart);
  const auto back = Incident::FromJson(incident.ToJson());
  ASSERT_TRUE(back.ok()) << back.error().message();
  EXPECT_EQ(back->ToJson(), incident.ToJson());
  const TimelineEntry entry{kStart, Actor::kHuman, "ana", "note", "text", "ref", {{"a", 1}}};
  EXPECT_EQ(TimelineEntry::FromJson(entry.ToJson())->ToJson(), entry.ToJson());
  EXPECT_FALSE(Incident::FromJson(Json::object()).ok());
}

}  // namespace
}  // namespace vigia::incidents
