// Runs: what each decides, from what the world looks like now.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "controller/state.h"
#include "incidents/kinds.h"

namespace vigia::controller {
namespace {

namespace kinds = incidents::kinds;
using runbooks::RunState;

bool HasAll(const signals::LabelSet& labels, const signals::LabelSet& wanted) {
  return std::all_of(wanted.pairs().begin(), wanted.pairs().end(),
                     [&](const auto& pair) { return labels.Get(pair.first) == pair.second; });
}

}  // namespace

void Transaction::StartRun(const std::string& incident_id, const Runbook& runbook, std::optional<runbooks::Mode> mode,
                           bool by_hand) {
  if (!mode) mode = ModeOf(runbook);
  if (*mode == runbooks::Mode::kOff) {
    StartEscalation(incident_id, runbooks::Reason::kModeOff, "the runbook is switched off");
    return;
  }
  if (!counters_) counters_ = state_.counters;
  Incident& incident = EditIncident(incident_id);
  runbooks::Creation creation;
  creation.id = fmt::format("RUN-{:06}", ++counters_->run);
  creation.incident = incident_id;
  creation.key = incident.key;
  creation.labels = incident.labels;
  creation.mode = mode;
  creation.by_hand = by_hand;
  incident.run = creation.id;
  runs_.insert_or_assign(creation.id, runbooks::CreateRun(runbook, creation, now_));
  stored_runs_.insert(creation.id);
  new_texts_.emplace(runbook.hash, state_.by_hash.at(runbook.hash).runbook);
  Say(incident_id, kinds::kRunCreated, "run " + creation.id + " of runbook '" + runbook.name + "'", creation.id);
  if (runbook.escalate.at_once) StartEscalation(incident_id, runbooks::Reason::kOpen, incident.title);
}

void Transaction::DecideRuns() {
  std::vector<std::string> ids;
  for (const Run* run : AllRuns()) ids.push_back(run->id);
  for (const std::string& id : ids) {
    if (state_.recovering.count(id) == 0) DecideRun(id, {});
  }
}

void Transaction::DecideRun(const std::string& id, std::vector<runbooks::ApprovalGiven> approvals) {
  const Run& before_now = *FindRun(id);
  if (before_now.state == RunState::kResolved) return;
  const Run before = before_now;
  const Incident* incident = FindIncident(before.incident);
  if (incident == nullptr || !incident->open() || before.state == RunState::kResolved) return;
  const auto loaded = state_.by_hash.find(before.runbook_hash);
  if (loaded == state_.by_hash.end()) return;
  const Runbook& runbook = *loaded->second.runbook;
  std::vector<runbooks::ActionResult> results;
  for (const runbooks::ActionResult& result : state_.results) {
    if (result.key.compare(0, id.size() + 1, id + "/") == 0) results.push_back(result);
  }
  const bool news = !results.empty() || !approvals.empty();
  if (!news && runbooks::IsIdle(runbook, before, incident->firing, now_)) return;

  runbooks::Snapshot snapshot;
  snapshot.now = now_;
  snapshot.document = DocumentFor(before, loaded->second);
  snapshot.alert_firing = incident->firing;
  snapshot.guards = FactsFor(before, runbook);
  snapshot.approvals = std::move(approvals);
  snapshot.results = std::move(results);
  runbooks::Decision decision = runbooks::Decide(runbook, before, snapshot);
  if (decision.changed) stored_runs_.insert(id);
  const RunState state = decision.run.state;
  runs_.insert_or_assign(id, std::move(decision.run));
  runbooks::Effects& effects = decision.effects;
  for (TimelineEntry& entry : effects.entries) Say(before.incident, std::move(entry));
  for (runbooks::ActionRequest& request : effects.start) start_.push_back(std::move(request));
  for (std::string& key : effects.kill) kill_.push_back(std::move(key));
  for (const runbooks::ApprovalAsked& asked : effects.ask) AskApproval(*FindRun(id), asked);
  if (before.state == RunState::kQueued && state != RunState::kQueued) {
    Incident& edited = EditIncident(before.incident);
    edited = incidents::Mark(std::move(edited), incidents::Item::kDiagnosis, now_);
  }
  if (effects.mitigated) {
    Incident& edited = EditIncident(before.incident);
    if (!edited.mitigated_at) edited.mitigated_at = now_;
    edited = incidents::Mark(std::move(edited), incidents::Item::kMitigated, now_);
    StopPaging(before.incident);
  }
  if (effects.escalate) {
    StartEscalation(before.incident, *effects.escalate, effects.detail);
    JumpByFacts(*FindRun(id));
  }
  if (effects.resolved) {
    TellHealed(*FindRun(id));
    ResolveIncident(before.incident, "verify", incidents::Actor::kRunbook, effects.detail);
  }
}

void Transaction::CloseRun(const std::string& id, const std::string& why) {
  const Run* run = FindRun(id);
  if (run == nullptr || run->state == RunState::kResolved) return;
  Run closed = *run;
  closed.state = RunState::kResolved;
  closed.state_since = now_;
  closed.finished_at = closed.finished_at.value_or(now_);
  closed.holds_locks = false;
  closed.detail = why;
  runs_.insert_or_assign(id, std::move(closed));
  stored_runs_.insert(id);
}

// What is at work is stopped; the run only watches from now on until it is healed.
Status Transaction::TakeOver(const Incident& incident, const PersonCommand& command) {
  const Run* run = FindRun(incident.run);
  if (run == nullptr || IsOver(run->state)) {
    return Error(Code::kFailedPrecondition, "incident " + incident.id + " has no run at work");
  }
  Run taken = *run;
  for (std::string& key : runbooks::InFlight(taken)) kill_.push_back(std::move(key));
  taken.state = RunState::kEscalated;
  taken.state_since = now_;
  taken.finished_at = taken.finished_at.value_or(now_);
  taken.reason = runbooks::Reason::kTakenOver;
  taken.detail = command.person + " has taken over" + (command.text.empty() ? "" : ": " + command.text);
  taken.holds_locks = false;
  taken.waiting.reset();
  taken.passes = taken.failures = 0;
  taken.next_look = now_;
  Say(incident.id, kinds::kRunState, "run " + taken.id + " is stopped: " + taken.detail, taken.id);
  stored_runs_.insert(taken.id);
  runs_.insert_or_assign(taken.id, std::move(taken));
  return {};
}

runbooks::Mode Transaction::ModeOf(const Runbook& runbook) const {
  const auto set = state_.modes.find(runbook.name);
  return set != state_.modes.end() ? set->second : runbook.mode;
}

Json Transaction::DocumentFor(const Run& run, const LoadedRunbook& loaded) const {
  const Incident& incident = *FindIncident(run.incident);
  Json document = {{"labels", run.labels.ToJson()},
                   {"alert", {{"firing", incident.firing}}},
                   {"incident",
                    {{"id", incident.id},
                     {"title", incident.title},
                     {"severity", checks::SeverityWord(incident.severity)},
                     {"acknowledged", incident.acknowledged_at.has_value()}}},
                   {"signals", ReadSignals(run, loaded)}};
  const signals::LabelSet key = run.labels.Only(loaded.runbook->key);
  Json& states = document["checks"] = Json::object();
  for (const runbooks::Trigger& trigger : loaded.runbook->triggers) {
    if (trigger.check.empty()) continue;
    states[trigger.check] = state_.checks.Firing(trigger.check, key)  ? "firing"
                            : state_.checks.Quiet(trigger.check, key) ? "inactive"
                                                                      : "unknown";
  }
  return document;
}

// What of a query belongs to the run.
std::vector<double> Transaction::ReadMatching(const Run& run, const LoadedRunbook& loaded,
                                              const runbooks::NamedSelector& named,
                                              signals::SignalView::Query query) const {
  std::vector<signals::Reading> readings;
  state_.world.signals.Read(query, now_, readings);
  std::vector<double> matching;
  for (const signals::Reading& reading : readings) {
    // Without `match`: the labels of the key, as far as the series has them.
    signals::LabelSet wanted = run.labels.Only(named.match.empty() ? loaded.runbook->key : named.match);
    if (named.match.empty()) {
      for (const std::string& name : loaded.runbook->key) {
        if (reading.labels.Get(name).empty()) wanted = wanted.Without(name);
      }
    }
    if (HasAll(reading.labels, wanted)) matching.push_back(reading.value);
  }
  return matching;
}

// One matching series gives a number, several a list, none null; a share is a number or null.
Json Transaction::ReadSignals(const Run& run, const LoadedRunbook& loaded) const {
  Json values = Json::object();
  for (size_t i = 0; i < loaded.queries.size(); ++i) {
    const runbooks::NamedSelector& named = loaded.runbook->signals[i];
    const std::vector<double> found = ReadMatching(run, loaded, named, loaded.queries[i].part);
    Json& value = values[named.name];
    if (!loaded.queries[i].of) {
      value = found.empty() ? Json(nullptr) : found.size() == 1 ? Json(found[0]) : Json(found);
      continue;
    }
    const std::vector<double> wholes = ReadMatching(run, loaded, named, *loaded.queries[i].of);
    if (wholes.empty()) continue;
    const double whole = std::accumulate(wholes.begin(), wholes.end(), 0.0);
    value = whole == 0 ? 0.0 : std::accumulate(found.begin(), found.end(), 0.0) / whole;
  }
  return values;
}

runbooks::GuardFacts Transaction::FactsFor(const Run& run, const Runbook& runbook) const {
  runbooks::GuardFacts facts;
  if (const auto past = state_.past.find({run.runbook, run.key}); past != state_.past.end()) facts.past = past->second;
  const std::vector<std::string> no_labels;
  const auto& group_by = runbook.guards.blast_radius ? runbook.guards.blast_radius->group_by : no_labels;
  const signals::LabelSet group = run.labels.Only(group_by);
  for (const Run* other : AllRuns()) {
    if (other->id == run.id) continue;
    if (other->holds_locks) facts.locks_of_others.insert(other->locks.begin(), other->locks.end());
    const bool at_work = other->runbook == run.runbook && other->state != RunState::kQueued && !IsOver(other->state);
    if (!at_work) continue;
    ++facts.running;
    if (other->labels.Only(group_by) == group) ++facts.targets_in_group;
  }
  for (const runbooks::Trigger& trigger : runbook.triggers) {
    if (trigger.check.empty() || !runbook.guards.blast_radius) continue;
    const checks::Health health = state_.checks.HealthOf(trigger.check, group);
    facts.instances += health.total;
    facts.instances_firing += health.firing;
  }
  if (!runbook.guards.deny_windows.empty()) facts.windows = state_.world.people.OpenWindows(now_);
  return facts;
}

std::vector<const Run*> Transaction::AllRuns() const {
  std::vector<const Run*> runs;
  for (const auto& [id, run] : state_.runs) {
    if (runs_.count(id) == 0) runs.push_back(&run);
  }
  for (const auto& [id, run] : runs_) runs.push_back(&run);
  std::sort(runs.begin(), runs.end(), [](const Run* a, const Run* b) { return a->id < b->id; });
  return runs;
}

}  // namespace vigia::controller
