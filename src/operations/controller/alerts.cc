// From alerts to incidents.
#include <fmt/format.h>

#include <algorithm>

#include "controller/state.h"
#include "incidents/kinds.h"

namespace vigia::controller {
namespace {

namespace kinds = incidents::kinds;

constexpr Duration kForeignSettle = std::chrono::minutes(2);  // how old what others say may be

bool Triggers(const Runbook& runbook, const checks::Alert& alert) {
  return std::any_of(runbook.triggers.begin(), runbook.triggers.end(), [&](const runbooks::Trigger& trigger) {
    if (!trigger.check.empty()) return alert.source.empty() && trigger.check == alert.check;
    return !trigger.matchers.empty() && signals::MatchesAll(trigger.matchers, alert.labels);
  });
}

std::string Describe(const checks::Alert& alert, std::string_view what) {
  std::string text = alert.check + " " + std::string(what);
  if (!alert.instance.empty()) text += " for " + alert.instance.ToString();
  if (alert.value) text += fmt::format(" (value {:.6g})", *alert.value);
  return text;
}

}  // namespace

// Alerts that no runbook takes share an incident when their `group_by` labels are the same.
std::string Transaction::KeyOf(const Runbook* runbook, const checks::Alert& alert) const {
  if (runbook != nullptr) return alert.labels.Only(runbook->key).ToString();
  const std::vector<std::string>& group_by = state_.settings.alerting.group_by;
  return (group_by.empty() ? alert.labels : alert.labels.Only(group_by)).ToString();
}

void Transaction::TakeAlert(const checks::Alert& alert) {
  const std::string fingerprint = alert.fingerprint();
  alerts_.insert_or_assign(fingerprint, alert);
  if (alert.state == checks::AlertState::kInactive) {
    for (const std::string& id : OpenIncidentIds()) {
      const Incident& incident = *FindIncident(id);
      const bool has = std::find(incident.alerts.begin(), incident.alerts.end(), fingerprint) != incident.alerts.end();
      if (has) Take(incidents::AlertCleared(incident, fingerprint, Describe(alert, "cleared"), now_));
    }
    return;
  }
  if (alert.state != checks::AlertState::kFiring) return;
  if (SuppressionOf(alert.labels).any()) return;  // once it is heard, ReopenFiring takes it
  bool taken = false;
  for (const std::string& hash : state_.current) {
    const Runbook& runbook = *state_.by_hash.at(hash).runbook;
    if (!Triggers(runbook, alert)) continue;
    Attach(&runbook, alert);
    taken = true;
  }
  if (!taken) Attach(nullptr, alert);
}

void Transaction::Attach(const Runbook* runbook, const checks::Alert& alert) {
  const std::string key = KeyOf(runbook, alert);
  const std::string name = runbook != nullptr ? runbook->name : "";
  for (const std::string& open : OpenIncidentIds()) {
    const Incident& incident = *FindIncident(open);
    if (incident.runbook != name || incident.key != key) continue;
    Join(open, alert);
    return;
  }
  const std::string title = runbook != nullptr ? runbook->title : "Alert " + alert.check;
  const checks::Severity severity = runbook != nullptr ? std::min(runbook->severity, alert.severity) : alert.severity;
  const std::string id =
      OpenIncident(runbook, key, title, severity, alert.labels.Without("alertname").Without("severity"));
  Take(incidents::AlertFired(*FindIncident(id), alert.fingerprint(), Describe(alert, "fired"), now_));
  if (runbook != nullptr) {
    StartRun(id, *runbook, std::nullopt, false);
  } else {
    StartEscalation(id, runbooks::Reason::kNoRunbook, "no runbook takes this alert");
  }
}

// One page for all alerts of an incident, unless a worse one joins those that no runbook takes.
void Transaction::Join(const std::string& id, const checks::Alert& alert) {
  incidents::Transition joined =
      incidents::AlertFired(*FindIncident(id), alert.fingerprint(), Describe(alert, "fired"), now_);
  if (joined.entries.empty()) return;  // it was there already
  Take(std::move(joined));
  const Incident& incident = *FindIncident(id);
  if (!incident.runbook.empty() || alert.severity >= incident.severity) return;
  auto raised = incidents::Raise(incident, "", alert.severity, now_);
  CHECK(raised.ok(), "an alert joins a resolved incident");
  for (TimelineEntry& entry : raised->entries) entry.actor = incidents::Actor::kSystem;
  Take(*std::move(raised));
  RestartEscalation(id);
}

// When the newest incident of this alert's runbooks and keys was resolved.
WallTime Transaction::ResolvedAt(const checks::Alert& alert) const {
  WallTime newest{};
  const auto look = [&](const std::string& runbook, const std::string& key) {
    const auto found = state_.resolved_at.find({runbook, key});
    if (found != state_.resolved_at.end()) newest = std::max(newest, found->second);
  };
  look("", KeyOf(nullptr, alert));
  for (const std::string& hash : state_.current) {
    const Runbook& runbook = *state_.by_hash.at(hash).runbook;
    if (Triggers(runbook, alert)) look(runbook.name, KeyOf(&runbook, alert));
  }
  return newest;
}

// An alert that is still true although its incident was resolved is a new incident; so is one that was
// suppressed and is heard now.
void Transaction::ReopenFiring() {
  std::set<std::string> attached;
  for (const std::string& id : OpenIncidentIds()) {
    const Incident& incident = *FindIncident(id);
    attached.insert(incident.alerts.begin(), incident.alerts.end());
  }
  for (const auto& [fingerprint, stored] : state_.firing) {
    if (alerts_.count(fingerprint) > 0 || attached.count(fingerprint) > 0) continue;
    const bool foreign = !stored.source.empty();
    const checks::Alert* alert = foreign ? &stored : state_.checks.FindAlert(stored.check, stored.instance);
    if (alert == nullptr || alert->state != checks::AlertState::kFiring) continue;
    const checks::Check* check = foreign ? nullptr : state_.checks.Find(alert->check);
    const Duration settle = check != nullptr ? check->every * 2 : foreign ? kForeignSettle : Duration::zero();
    if (alert->last_true <= ResolvedAt(*alert) + settle || SuppressionOf(alert->labels).any()) continue;
    TakeAlert(checks::Alert(*alert));
  }
}

void Transaction::TickIncidents() {
  for (const std::string& id : OpenIncidentIds()) {
    const Incident incident = *FindIncident(id);
    incidents::Transition ticked = incidents::Tick(incident, now_);
    if (!ticked.entries.empty()) Take(std::move(ticked));
    if (incident.run.empty() && !incident.firing) {  // nothing else could prove it healed
      ResolveIncident(id, "alert", incidents::Actor::kSystem, "the alert cleared");
      continue;
    }
    const Run* run = FindRun(incident.run);
    if (run == nullptr || incident.escalated_at || incident.acknowledged_at) continue;
    const auto loaded = state_.by_hash.find(run->runbook_hash);
    if (loaded == state_.by_hash.end()) continue;
    const auto& after = loaded->second.runbook->escalate.after;
    if (after && now_ - incident.opened_at >= *after && run->state != runbooks::RunState::kHolding) {
      StartEscalation(id, runbooks::Reason::kOpen, "not resolved in time");
      JumpByFacts(*run);
    }
  }
}

std::string Transaction::OpenIncident(const Runbook* runbook, const std::string& key, const std::string& title,
                                      checks::Severity severity, const signals::LabelSet& labels) {
  if (!counters_) counters_ = state_.counters;
  incidents::Opening opening;
  opening.number = ++counters_->incident;
  opening.id = fmt::format("INC-{:06}", opening.number);
  opening.runbook = runbook != nullptr ? runbook->name : "";
  opening.key = key;
  opening.title = title;
  opening.severity = severity;
  opening.labels = labels;
  opening.policy = runbook != nullptr && !runbook->escalate.policy.empty() ? runbook->escalate.policy
                                                                           : state_.settings.default_policy;
  Take(incidents::Open(opening, now_));
  return opening.id;
}

void Transaction::Take(incidents::Transition transition) {
  const std::string id = transition.incident.id;
  incidents_.insert_or_assign(id, std::move(transition.incident));
  for (TimelineEntry& entry : transition.entries) Say(id, std::move(entry));
}

void Transaction::ResolveIncident(const std::string& id, const std::string& who, incidents::Actor actor,
                                  const std::string& text) {
  auto resolved = incidents::Resolve(*FindIncident(id), who, actor, text, now_);
  CHECK(resolved.ok(), "an incident is resolved twice");
  Take(*std::move(resolved));
  StopPaging(id);
  TellResolved(*FindIncident(id));
}

// A resolved incident stays in memory until its post-mortem is written. Writing again gives the same
// file, so a crash in between does no harm.
void Transaction::TakePostmortems() {
  for (const auto& [id, incident] : state_.incidents) {
    if (incident.open() || incidents_.count(id) > 0 || HasPendingMessages(id)) continue;
    Incident done = incident;
    const Run* run = FindRun(incident.run);
    const auto loaded = run != nullptr ? state_.by_hash.find(run->runbook_hash) : state_.by_hash.end();
    using When = runbooks::Postmortem::When;
    const When when = loaded != state_.by_hash.end() ? loaded->second.runbook->postmortem.when : When::kAlways;
    const bool wanted = state_.world.postmortems != nullptr &&
                        (when == When::kAlways || (when == When::kEscalated && incident.escalated_at));
    if (wanted) {
      const auto entries = state_.world.ledger.Read(TimelineOf(id));
      if (!entries.ok()) continue;
      std::vector<TimelineEntry> timeline;
      for (const storage::StreamEntry& entry : *entries) {
        if (auto read = TimelineEntry::FromJson(entry.value); read.ok()) timeline.push_back(*std::move(read));
      }
      const auto path = state_.world.postmortems->Write(incident, timeline);
      if (!path.ok()) continue;  // the next tick tries again
      done = incidents::Mark(std::move(done), incidents::Item::kPostmortem, now_);
      Say(id, kinds::kPostmortem, "the post-mortem draft is written", *path);
    }
    done.closed = true;
    incidents_.insert_or_assign(id, std::move(done));
    closed_.insert(id);
  }
}

}  // namespace vigia::controller
