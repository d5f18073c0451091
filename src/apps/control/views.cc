#include "control/views.h"

#include "control/postmortems.h"

namespace vigia::control {

Json TimeOrNull(const std::optional<WallTime>& time) { return time ? Json(FormatTime(*time)) : Json(nullptr); }
Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json ViewOf(const incidents::Incident& incident) {
  const char* state = incident.resolved_at       ? "resolved"
                      : incident.mitigated_at    ? "mitigated"
                      : incident.acknowledged_at ? "acknowledged"
                                                 : "open";
  Json checklist = Json::object();
  for (const incidents::Item item : incidents::kItems) {
    const auto done = incident.checklist.find(item);
    checklist[std::string(incidents::ItemName(item))] =
        done != incident.checklist.end() ? Json(FormatTime(done->second)) : Json(nullptr);
  }
  const bool written = incident.checklist.count(incidents::Item::kPostmortem) > 0;
  return {{"id", incident.id},
          {"number", incident.number},
          {"runbook", TextOrNull(incident.runbook)},
          {"key", incident.key},
          {"title", incident.title},
          {"severity", checks::SeverityName(incident.severity)},
          {"state", state},
          {"labels", incident.labels.ToJson()},
          {"opened_at", FormatTime(incident.opened_at)},
          {"acknowledged_at", TimeOrNull(incident.acknowledged_at)},
          {"acknowledged_by", TextOrNull(incident.acknowledged_by)},
          {"assignee", TextOrNull(incident.assignee)},
          {"mitigated_at", TimeOrNull(incident.mitigated_at)},
          {"resolved_at", TimeOrNull(incident.resolved_at)},
          {"resolved_by", TextOrNull(incident.resolved_by)},
          {"escalated_at", TimeOrNull(incident.escalated_at)},
          {"muted_at", TimeOrNull(incident.muted_at)},
          {"run", TextOrNull(incident.run)},
          {"policy", TextOrNull(incident.policy)},
          {"checklist", std::move(checklist)},
          {"firing", incident.firing},
          {"postmortem", written ? Json(PostmortemFile(incident.id)) : Json(nullptr)}};
}

Json ViewOf(const storage::StreamEntry& entry) {
  const Json& value = entry.value;
  Json view = {{"seq", entry.seq}};
  for (const char* key : {"at", "kind", "actor", "who", "text", "ref", "evidence"}) {
    view[key] = value.contains(key) ? value[key] : Json(nullptr);
  }
  return view;
}

Json ViewOf(const checks::Alert& alert) {
  const char* state = alert.state == checks::AlertState::kFiring    ? "firing"
                      : alert.state == checks::AlertState::kPending ? "pending"
                                                                    : "inactive";
  return {{"fingerprint", alert.fingerprint()},
          {"check", alert.check},
          {"labels", alert.labels.ToJson()},
          {"severity", checks::SeverityName(alert.severity)},
          {"state", state},
          {"since", FormatTime(alert.since)},
          {"value", alert.value ? Json(*alert.value) : Json(nullptr)},
          {"unknown", alert.unknown},
          {"flapping", alert.flapping},
          {"source", TextOrNull(alert.source)}};
}

}  // namespace vigia::control
