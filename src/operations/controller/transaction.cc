// A transaction: what it looks like from inside, and how it becomes durable before anything is done.
#include <algorithm>

#include "controller/state.h"

namespace vigia::controller {
namespace {

constexpr Duration kHeartbeatEvery = std::chrono::seconds(10);

}  // namespace

const Incident* Transaction::FindIncident(const std::string& id) const {
  if (const auto changed = incidents_.find(id); changed != incidents_.end()) return &changed->second;
  const auto stored = state_.incidents.find(id);
  return stored != state_.incidents.end() ? &stored->second : nullptr;
}

const Run* Transaction::FindRun(const std::string& id) const {
  if (const auto changed = runs_.find(id); changed != runs_.end()) return &changed->second;
  const auto stored = state_.runs.find(id);
  return stored != state_.runs.end() ? &stored->second : nullptr;
}

Incident& Transaction::EditIncident(const std::string& id) {
  const auto changed = incidents_.find(id);
  if (changed != incidents_.end()) return changed->second;
  return incidents_.emplace(id, state_.incidents.at(id)).first->second;
}

std::vector<std::string> Transaction::OpenIncidentIds() const {
  std::set<std::string> ids;
  for (const auto& [id, incident] : state_.incidents) ids.insert(id);
  for (const auto& [id, incident] : incidents_) ids.insert(id);
  std::vector<std::string> open;
  for (const std::string& id : ids) {
    if (FindIncident(id)->open()) open.push_back(id);
  }
  return open;
}

void Transaction::Say(const std::string& incident, TimelineEntry entry) {
  entries_.emplace_back(incident, std::move(entry));
}

void Transaction::Say(const std::string& incident, const char* kind, const std::string& text, const std::string& ref,
                      Json evidence) {
  TimelineEntry entry;
  entry.at = now_;
  entry.kind = kind;
  entry.text = text;
  entry.ref = ref;
  entry.evidence = std::move(evidence);
  Say(incident, std::move(entry));
}

storage::Batch Transaction::ToBatch() const {
  storage::Batch batch;
  for (const auto& [fingerprint, alert] : alerts_) {
    if (alert.state == checks::AlertState::kInactive) {
      batch.erases.push_back({kAlerts, fingerprint});
    } else {
      batch.puts.push_back({kAlerts, fingerprint, alert.ToJson()});
    }
  }
  for (const auto& [id, silence] : silences_) batch.puts.push_back({kSilences, id, silence.ToJson()});
  for (const std::string& id : forgotten_silences_) batch.erases.push_back({kSilences, id});
  for (const auto& [key, schedule] : schedules_) {
    batch.puts.push_back({kSchedules, key, {{"last", FormatTime(*schedule.last)}}});
  }
  for (const auto& [id, incident] : incidents_) batch.puts.push_back({kIncidents, id, incident.ToJson()});
  for (const auto& [hash, runbook] : new_texts_) {
    batch.puts.push_back(
        {kRunbooks, hash, {{"name", runbook->name}, {"file", runbook->file}, {"source", runbook->source}}});
  }
  for (const std::string& id : stored_runs_) batch.puts.push_back({kRuns, id, runs_.at(id).ToJson()});
  for (const auto& [id, escalation] : escalations_) batch.puts.push_back({kEscalations, id, escalation.ToJson()});
  for (const auto& [id, message] : messages_) {
    if (closed_.count(message.incident) == 0) batch.puts.push_back({kOutbox, id, message.ToJson()});
  }
  for (const std::string& id : closed_) {
    batch.erases.push_back({kEscalations, id});
    for (const std::string& message : MessageIds(id)) batch.erases.push_back({kOutbox, message});
  }
  for (const auto& [incident, entry] : entries_) batch.appends.push_back({TimelineOf(incident), entry.ToJson()});
  if (counters_) {
    batch.puts.push_back({kControl, "counters", {{"incident", counters_->incident}, {"run", counters_->run}}});
  }
  // Also when something old is merely sent again: the commit is what tells a replaced owner to stop.
  const bool acts = !send_.empty() || !start_.empty() || !kill_.empty();
  if (!batch.empty() || acts || now_ - state_.last_heartbeat >= kHeartbeatEvery) {
    batch.puts.push_back({kControl, "heartbeat", {{"at", FormatTime(now_)}, {"owner", state_.settings.owner}}});
  }
  return batch;
}

Status Transaction::Commit() {
  const storage::Batch batch = ToBatch();
  if (!batch.empty()) {
    const Status committed = state_.world.ledger.Commit(state_.epoch, batch);
    if (!committed.ok()) {
      if (committed.error().code() == Code::kFailedPrecondition) state_.fenced = true;
      return committed;
    }
    state_.last_heartbeat = now_;
  }
  Adopt();
  Act();
  return {};
}

void Transaction::Adopt() {
  for (auto& [fingerprint, alert] : alerts_) {
    if (alert.state == checks::AlertState::kFiring) {
      state_.firing.insert_or_assign(fingerprint, std::move(alert));
    } else {
      state_.firing.erase(fingerprint);
    }
  }
  for (auto& [id, silence] : silences_) state_.silences.insert_or_assign(id, std::move(silence));
  for (const std::string& id : forgotten_silences_) state_.silences.erase(id);
  for (auto& [key, schedule] : schedules_) state_.schedules.insert_or_assign(key, std::move(schedule));
  for (auto& [id, incident] : incidents_) {
    if (incident.resolved_at) state_.resolved_at[{incident.runbook, incident.key}] = *incident.resolved_at;
    state_.incidents.insert_or_assign(id, std::move(incident));
  }
  for (auto& [id, run] : runs_) {
    const auto before = state_.runs.find(id);
    const bool was_over = before != state_.runs.end() && IsOver(before->second.state);
    if (IsOver(run.state) && !was_over && run.wrote) {
      state_.past[{run.runbook, run.key}].push_back({run.created_at, run.finished_at});
    }
    state_.runs.insert_or_assign(id, std::move(run));
  }
  for (auto& [id, escalation] : escalations_) state_.escalations.insert_or_assign(id, std::move(escalation));
  for (auto& [id, message] : messages_) state_.outbox.insert_or_assign(id, std::move(message));
  if (counters_) state_.counters = *counters_;
  messages_.clear();
  for (const std::string& id : closed_) {
    for (const std::string& message : MessageIds(id)) state_.outbox.erase(message);
    state_.runs.erase(state_.incidents.at(id).run);
    state_.escalations.erase(id);
    state_.incidents.erase(id);
  }
}

void Transaction::Act() {
  for (const std::string& key : kill_) state_.world.actions.Kill(key);
  for (const runbooks::ActionRequest& request : start_) state_.world.actions.Start(request);
  for (const Message& message : send_) {
    state_.sending.insert(message.id);
    state_.world.messenger.Start(message);
  }
}

}  // namespace vigia::controller
