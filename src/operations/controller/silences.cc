// What is heard: silences, windows, inhibition, and alerts that others send.
#include <algorithm>

#include "controller/state.h"

namespace vigia::controller {

using checks::AlertState;

const checks::Alert* Transaction::FindFiring(const std::string& fingerprint) const {
  if (const auto changed = alerts_.find(fingerprint); changed != alerts_.end()) {
    return changed->second.state == AlertState::kFiring ? &changed->second : nullptr;
  }
  const auto stored = state_.firing.find(fingerprint);
  return stored != state_.firing.end() ? &stored->second : nullptr;
}

void Transaction::Store(const checks::Alert& alert) {
  CHECK(!suppressor_, "an alert changes after it was asked what is suppressed");
  alerts_.insert_or_assign(alert.fingerprint(), alert);
}

alerting::Suppression Transaction::SuppressionOf(const signals::LabelSet& labels) {
  if (!suppressor_) {
    const alerting::AlertingSettings& settings = state_.settings.alerting;
    std::vector<const checks::Alert*> firing;
    if (!settings.inhibit_rules.empty()) {
      for (const auto& [fingerprint, alert] : state_.firing) {
        if (const checks::Alert* found = FindFiring(fingerprint)) firing.push_back(found);
      }
      for (const auto& [fingerprint, alert] : alerts_) {
        if (alert.state == AlertState::kFiring && state_.firing.count(fingerprint) == 0) firing.push_back(&alert);
      }
    }
    const auto windows = settings.silences.empty() ? std::set<std::string>() : state_.world.people.OpenWindows(now_);
    suppressor_.emplace(settings, state_.silences, windows, firing, now_);
  }
  return suppressor_->idle() ? alerting::Suppression() : suppressor_->Of(labels);
}

void Transaction::TakeForeign(const checks::Alert& alert) {
  const bool known = state_.firing.count(alert.fingerprint()) > 0;
  // Sent again: stored with its new end, and nothing follows from it.
  if (known && alert.state == AlertState::kFiring) return;
  TakeAlert(alert);
}

void Transaction::EndForeign() {
  std::vector<checks::Alert> over;
  for (const auto& [fingerprint, stored] : state_.firing) {
    if (stored.source.empty() || alerts_.count(fingerprint) > 0 || !alerting::IsOver(stored, now_)) continue;
    over.push_back(stored);
    over.back().state = AlertState::kInactive;
  }
  // It still inhibits in this tick.
  for (const checks::Alert& alert : over) TakeAlert(alert);
}

// An incident whose alerts are all suppressed pages no further. When they are heard again, it is as if
// they fired then: people are called from the first level on, unless somebody acknowledged.
void Transaction::MuteIncidents() {
  for (const std::string& id : OpenIncidentIds()) {
    const Incident& incident = *FindIncident(id);
    bool muted = !incident.alerts.empty();
    std::string by;
    for (const std::string& fingerprint : incident.alerts) {
      if (!muted) break;
      const checks::Alert* alert = FindFiring(fingerprint);
      const alerting::Suppression suppression =
          alert != nullptr ? SuppressionOf(alert->labels) : alerting::Suppression();
      muted = suppression.any();
      if (by.empty()) by = suppression.ToString();
    }
    if (muted == incident.muted_at.has_value()) continue;
    Take(muted ? incidents::Mute(incident, by, now_) : incidents::Unmute(incident, now_));
    if (muted) {
      CancelPages(id);
    } else {
      RestartEscalation(id);
    }
  }
}

Result<std::string> Transaction::SetSilence(alerting::Silence silence) {
  if (silence.id.empty() && state_.silences.size() >= state_.settings.alerting.max_silences) {
    return Error(Code::kResourceExhausted, "there are too many silences");
  }
  alerting::SilenceChange change = TRY(alerting::SetSilence(state_.silences, std::move(silence), now_));
  for (alerting::Silence& one : change.silences) silences_.insert_or_assign(one.id, std::move(one));
  return std::move(change.id);
}

Status Transaction::ExpireSilence(const std::string& id) {
  const auto found = state_.silences.find(id);
  if (found == state_.silences.end()) return Error(Code::kNotFound, "there is no silence with this id");
  silences_.insert_or_assign(id, TRY(alerting::ExpireSilence(found->second, now_)));
  return {};
}

void Transaction::PruneSilences() {
  for (const auto& [id, silence] : state_.silences) {
    if (now_ - silence.ends_at > state_.settings.alerting.silence_retention) forgotten_silences_.insert(id);
  }
}

std::vector<alerting::AlertView> Transaction::FiringAlerts() {
  std::map<std::string, const Incident*> incidents;
  for (const auto& [id, incident] : state_.incidents) {
    if (!incident.open()) continue;
    for (const std::string& fingerprint : incident.alerts) incidents.emplace(fingerprint, &incident);
  }
  std::vector<alerting::AlertView> views;
  for (const auto& [fingerprint, stored] : state_.firing) {
    alerting::AlertView view;
    const checks::Alert* own = stored.source.empty() ? state_.checks.FindAlert(stored.check, stored.instance) : nullptr;
    view.alert = own != nullptr ? *own : stored;
    const checks::Check* check = stored.source.empty() ? state_.checks.Find(stored.check) : nullptr;
    if (check != nullptr) view.alert.annotations = check->annotations;
    view.suppression = SuppressionOf(view.alert.labels);
    const auto incident = incidents.find(fingerprint);
    if (incident != incidents.end()) view.incident = incident->second->id;
    view.receiver = incident != incidents.end() ? incident->second->policy : state_.settings.default_policy;
    views.push_back(std::move(view));
  }
  return views;
}

static size_t ForeignAlerts(const Controller::State& state) {
  return static_cast<size_t>(std::count_if(state.firing.begin(), state.firing.end(),
                                           [](const auto& entry) { return !entry.second.source.empty(); }));
}

Status Controller::TakeForeign(const std::vector<checks::Alert>& alerts) {
  State& state = *state_;
  if (state.fenced) return Error(Code::kFailedPrecondition, "another owner has taken over");
  std::vector<checks::Alert> news;
  const size_t most = state.settings.alerting.max_alerts;
  size_t room = most - std::min(most, ForeignAlerts(state));
  bool full = false;
  for (const checks::Alert& alert : alerts) {
    const auto known = state.firing.find(alert.fingerprint());
    if (known == state.firing.end() && alert.state != checks::AlertState::kFiring) continue;  // it ended unseen
    if (known != state.firing.end() && known->second.source.empty()) continue;  // what we see ourselves, we know
    full = full || (known == state.firing.end() && room == 0);
    if (known == state.firing.end() && room == 0) continue;
    if (known == state.firing.end()) --room;
    news.push_back(known == state.firing.end() ? alert : alerting::Merge(known->second, alert));
  }
  Transaction transaction(state, state.time->now());
  for (const checks::Alert& alert : news) transaction.Store(alert);  // first all, for one may inhibit another
  for (const checks::Alert& alert : news) transaction.TakeForeign(alert);
  TRY(transaction.Commit());
  if (full) return Error(Code::kResourceExhausted, "too many alerts fire");
  return {};
}

Result<std::string> Controller::SetSilence(alerting::Silence silence) {
  if (state_->fenced) return Error(Code::kFailedPrecondition, "another owner has taken over");
  Transaction transaction(*state_, state_->time->now());
  std::string id = TRY(transaction.SetSilence(std::move(silence)));
  TRY(transaction.Commit());
  return id;
}

Status Controller::ExpireSilence(const std::string& id) {
  if (state_->fenced) return Error(Code::kFailedPrecondition, "another owner has taken over");
  Transaction transaction(*state_, state_->time->now());
  TRY(transaction.ExpireSilence(id));
  return transaction.Commit();
}

const alerting::AlertingSettings& Controller::alerting() const { return state_->settings.alerting; }
const alerting::Silences& Controller::Silences() const { return state_->silences; }

std::vector<alerting::AlertView> Controller::FiringAlerts() const {
  return Transaction(*state_, state_->time->now()).FiringAlerts();
}

}  // namespace vigia::controller
