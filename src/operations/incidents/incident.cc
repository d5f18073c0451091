#include "incidents/incident.h"

#include <algorithm>

#include "config/map_reader.h"
#include "incidents/kinds.h"

namespace vigia::incidents {
namespace {

std::string_view ActorName(Actor actor) {
  switch (actor) {
    case Actor::kSystem: return "system";
    case Actor::kRunbook: return "runbook";
    case Actor::kHuman: return "human";
  }
  return "system";
}

TimelineEntry Entry(WallTime now, const char* kind, std::string text) {
  TimelineEntry entry;
  entry.at = now;
  entry.kind = kind;
  entry.text = std::move(text);
  return entry;
}

TimelineEntry ByPerson(WallTime now, const char* kind, const std::string& person, std::string text) {
  TimelineEntry entry = Entry(now, kind, std::move(text));
  entry.actor = Actor::kHuman;
  entry.who = person;
  return entry;
}

Status RefuseResolved(const Incident& incident) {
  if (incident.open()) return {};
  return Error(Code::kFailedPrecondition, "incident " + incident.id + " is already resolved");
}

Result<WallTime> GetTime(const Json& json, const std::string& key) { return ParseTime(TRY(GetString(json, key))); }

Result<std::optional<WallTime>> GetOptionalTime(const Json& json, const std::string& key) {
  if (!json.contains(key)) return std::optional<WallTime>();
  return std::optional<WallTime>(TRY(GetTime(json, key)));
}

}  // namespace

std::string_view ItemName(Item item) {
  switch (item) {
    case Item::kAcknowledged: return "acknowledged";
    case Item::kFirstCommunication: return "first_communication";
    case Item::kDiagnosis: return "diagnosis";
    case Item::kEscalated: return "escalated";
    case Item::kMitigated: return "mitigated";
    case Item::kPostmortem: return "postmortem";
  }
  return "";
}

Incident Mark(Incident incident, Item item, WallTime now) {
  incident.checklist.emplace(item, now);
  return incident;
}

Transition Open(const Opening& opening, WallTime now) {
  Transition made;
  Incident& incident = made.incident;
  incident.id = opening.id;
  incident.number = opening.number;
  incident.runbook = opening.runbook;
  incident.key = opening.key;
  incident.title = opening.title;
  incident.severity = opening.severity;
  incident.labels = opening.labels;
  incident.policy = opening.policy;
  incident.firing = false;
  incident.opened_at = now;
  made.entries.push_back(Entry(now, kinds::kOpened,
                               std::string(checks::SeverityName(opening.severity)) + " " + opening.title +
                                   (opening.key.empty() ? "" : " (" + opening.key + ")")));
  return made;
}

Transition AlertFired(Incident incident, const std::string& fingerprint, const std::string& text, WallTime now) {
  const bool known = std::find(incident.alerts.begin(), incident.alerts.end(), fingerprint) != incident.alerts.end();
  if (known) return {std::move(incident), {}};
  incident.alerts.push_back(fingerprint);
  incident.firing = true;
  TimelineEntry entry = Entry(now, kinds::kAlertFired, text);
  entry.ref = fingerprint;
  return {std::move(incident), {std::move(entry)}};
}

Transition AlertCleared(Incident incident, const std::string& fingerprint, const std::string& text, WallTime now) {
  const auto at = std::find(incident.alerts.begin(), incident.alerts.end(), fingerprint);
  if (at == incident.alerts.end()) return {std::move(incident), {}};
  incident.alerts.erase(at);
  incident.firing = !incident.alerts.empty();
  TimelineEntry entry = Entry(now, kinds::kAlertCleared, text);
  entry.ref = fingerprint;
  return {std::move(incident), {std::move(entry)}};
}

Result<Transition> Acknowledge(Incident incident, const std::string& person, WallTime now) {
  TRY(RefuseResolved(incident));
  if (incident.acknowledged_at) {
    return Error(Code::kFailedPrecondition,
                 "incident " + incident.id + " is already acknowledged by " + incident.acknowledged_by);
  }
  incident.acknowledged_at = now;
  incident.acknowledged_by = person;
  if (incident.assignee.empty()) incident.assignee = person;
  incident = Mark(std::move(incident), Item::kAcknowledged, now);
  const std::string after = config::FormatDuration(std::chrono::floor<std::chrono::seconds>(now - incident.opened_at));
  return Transition{std::move(incident),
                    {ByPerson(now, kinds::kAcknowledged, person, person + " acknowledged after " + after)}};
}

Result<Transition> Note(Incident incident, const std::string& person, const std::string& text, WallTime now) {
  if (text.empty()) return Error(Code::kInvalidArgument, "a note needs a text");
  return Transition{std::move(incident), {ByPerson(now, kinds::kNote, person, text)}};
}

Result<Transition> Assign(Incident incident, const std::string& person, const std::string& to, WallTime now) {
  TRY(RefuseResolved(incident));
  if (to.empty()) return Error(Code::kInvalidArgument, "assign needs a person");
  incident.assignee = to;
  return Transition{std::move(incident), {ByPerson(now, kinds::kAssigned, person, "assigned to " + to)}};
}

Result<Transition> Raise(Incident incident, const std::string& who, Severity severity, WallTime now) {
  TRY(RefuseResolved(incident));
  const std::string text = "severity " + std::string(checks::SeverityName(incident.severity)) + " is now " +
                           std::string(checks::SeverityName(severity));
  incident.severity = severity;
  return Transition{std::move(incident), {ByPerson(now, kinds::kSeverity, who, text)}};
}

Result<Transition> Resolve(Incident incident, const std::string& who, Actor actor, const std::string& text,
                           WallTime now) {
  TRY(RefuseResolved(incident));
  incident.resolved_at = now;
  incident.resolved_by = who;
  if (!incident.mitigated_at) incident.mitigated_at = now;
  incident = Mark(std::move(incident), Item::kMitigated, now);
  TimelineEntry entry = Entry(now, kinds::kResolved, text);
  entry.actor = actor;
  entry.who = who;
  return Transition{std::move(incident), {std::move(entry)}};
}

Transition Mute(Incident incident, const std::string& by, WallTime now) {
  incident.muted_at = now;
  return {std::move(incident), {Entry(now, kinds::kMuted, "nobody is paged: " + by)}};
}

Transition Unmute(Incident incident, WallTime now) {
  incident.muted_at.reset();
  return {std::move(incident), {Entry(now, kinds::kUnmuted, "people are paged again")}};
}

Transition Tick(Incident incident, WallTime now) {
  const bool late = incident.open() && !incident.acknowledged_at && now - incident.opened_at >= kAcknowledgeWithin;
  if (!late || incident.acknowledge_late) return {std::move(incident), {}};
  incident.acknowledge_late = true;
  return {std::move(incident), {Entry(now, kinds::kAcknowledgeLate, "nobody acknowledged within 5 minutes")}};
}

Json TimelineEntry::ToJson() const {
  Json json = {{"at", FormatTime(at)}, {"actor", ActorName(actor)}, {"kind", kind}, {"text", text}};
  if (!who.empty()) json["who"] = who;
  if (!ref.empty()) json["ref"] = ref;
  if (!evidence.is_null()) json["evidence"] = evidence;
  return json;
}

Result<TimelineEntry> TimelineEntry::FromJson(const Json& json) {
  TimelineEntry entry;
  entry.at = TRY(GetTime(json, "at"));
  const std::string actor = TRY(GetString(json, "actor"));
  entry.actor = actor == "human" ? Actor::kHuman : actor == "runbook" ? Actor::kRunbook : Actor::kSystem;
  entry.kind = TRY(GetString(json, "kind"));
  entry.text = TRY(GetString(json, "text"));
  entry.who = json.value("who", "");
  entry.ref = json.value("ref", "");
  if (json.contains("evidence")) entry.evidence = json["evidence"];
  return entry;
}

Json Incident::ToJson() const {
  Json json = {{"id", id},
               {"number", number},
               {"runbook", runbook},
               {"key", key},
               {"title", title},
               {"severity", checks::SeverityName(severity)},
               {"labels", labels.ToJson()},
               {"policy", policy},
               {"run", run},
               {"alerts", alerts},
               {"firing", firing},
               {"opened_at", FormatTime(opened_at)},
               {"acknowledged_by", acknowledged_by},
               {"assignee", assignee},
               {"acknowledge_late", acknowledge_late},
               {"resolved_by", resolved_by},
               {"closed", closed}};
  if (acknowledged_at) json["acknowledged_at"] = FormatTime(*acknowledged_at);
  if (escalated_at) json["escalated_at"] = FormatTime(*escalated_at);
  if (muted_at) json["muted_at"] = FormatTime(*muted_at);
  if (mitigated_at) json["mitigated_at"] = FormatTime(*mitigated_at);
  if (resolved_at) json["resolved_at"] = FormatTime(*resolved_at);
  Json items = Json::object();
  for (const auto& [item, at] : checklist) items[std::string(ItemName(item))] = FormatTime(at);
  json["checklist"] = items;
  return json;
}

Result<Incident> Incident::FromJson(const Json& json) {
  Incident incident;
  incident.id = TRY(GetString(json, "id"));
  incident.number = TRY(GetInteger(json, "number"));
  incident.runbook = TRY(GetString(json, "runbook"));
  incident.key = TRY(GetString(json, "key"));
  incident.title = TRY(GetString(json, "title"));
  incident.severity = checks::ParseSeverity(TRY(GetString(json, "severity"))).value_or(Severity::kP3);
  incident.labels = signals::LabelSet::FromJson(*TRY(GetObject(json, "labels")));
  incident.policy = TRY(GetString(json, "policy"));
  incident.run = TRY(GetString(json, "run"));
  for (const Json& alert : *TRY(GetArray(json, "alerts"))) {
    if (alert.is_string()) incident.alerts.push_back(alert.get<std::string>());
  }
  incident.firing = TRY(GetBool(json, "firing"));
  incident.opened_at = TRY(GetTime(json, "opened_at"));
  incident.acknowledged_by = TRY(GetString(json, "acknowledged_by"));
  incident.assignee = TRY(GetString(json, "assignee"));
  incident.acknowledge_late = TRY(GetBool(json, "acknowledge_late"));
  incident.resolved_by = TRY(GetString(json, "resolved_by"));
  incident.closed = TRY(GetBool(json, "closed"));
  incident.acknowledged_at = TRY(GetOptionalTime(json, "acknowledged_at"));
  incident.escalated_at = TRY(GetOptionalTime(json, "escalated_at"));
  incident.mitigated_at = TRY(GetOptionalTime(json, "mitigated_at"));
  incident.resolved_at = TRY(GetOptionalTime(json, "resolved_at"));
  incident.muted_at = TRY(GetOptionalTime(json, "muted_at"));
  const Json& items = *TRY(GetObject(json, "checklist"));
  for (const Item item : kItems) {
    if (auto at = TRY(GetOptionalTime(items, std::string(ItemName(item))))) incident.checklist.emplace(item, *at);
  }
  return incident;
}

}  // namespace vigia::incidents
