#include "controller/controller.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/state.h"
#include "incidents/kinds.h"

namespace vigia::controller {
namespace {

namespace kinds = incidents::kinds;
constexpr Duration kTellAgain = std::chrono::minutes(15);

}  // namespace

std::vector<checks::Check> AllChecks(const ControllerSettings& settings) {
  std::vector<checks::Check> all = settings.checks;
  for (const Runbook& runbook : settings.runbooks) all.insert(all.end(), runbook.checks.begin(), runbook.checks.end());
  return all;
}

Controller::Controller(std::unique_ptr<State> state) : state_(std::move(state)) {}
Controller::~Controller() = default;

// Runs of an earlier life: wait while their action still runs, then their intents are unknown.
static void RecoverRuns(Controller::State& state, WallTime now) {
  for (auto at = state.recovering.begin(); at != state.recovering.end();) {
    Run& run = state.runs.at(*at);
    bool running = false;
    for (const std::string& key : runbooks::InFlight(run)) running = running || state.world.actions.IsRunning(key);
    if (running && now < run.deadline) {
      ++at;
      continue;
    }
    for (const std::string& key : runbooks::InFlight(run)) {
      if (running) state.world.actions.Kill(key);
    }
    run = runbooks::Recover(std::move(run), now);
    at = state.recovering.erase(at);
  }
}

// The journal cannot be written: somebody must know, and the outbox cannot hold it.
static void TellUnwritable(Controller::State& state, WallTime now, const Error& error) {
  if (!state.unwritable_since) state.unwritable_since = now;
  if (now - *state.unwritable_since < state.settings.tell_unwritable_after) return;
  if (state.told_unwritable_at && now - *state.told_unwritable_at < kTellAgain) return;
  state.told_unwritable_at = now;
  state.world.log.Error("the journal cannot be written", {{"error", error.message()}});
  const auto policy = state.world.people.FindPolicy(state.settings.default_policy);
  if (!policy || policy->levels.empty()) return;
  const escalation::Level& level = policy->levels.front();
  for (const escalation::Reached& one :
       state.world.people.Resolve({0, 0, level.name, level.notify, level.via}, *policy, checks::Severity::kP1, now)) {
    Message message;
    message.id =
        fmt::format("operator/unwritable/{}/{}/{}", now.time_since_epoch().count(), one.person, one.address.channel);
    message.kind = notify::MessageKind::kPage;
    message.severity = checks::Severity::kP1;
    message.person = one.person;
    message.channel = one.address.channel;
    message.address = one.address.address;
    message.level = level.name;
    message.subject = "[P1] Vigia cannot write its journal";
    message.body = "Runbooks do not act until it can: " + error.message() + "\n";
    message.created_at = now;
    state.world.messenger.Start(message);
  }
}

Status Controller::Tick() {
  State& state = *state_;
  if (state.fenced) return Error(Code::kFailedPrecondition, "another owner has taken over");
  const WallTime now = state.time->Advance(state.world.clock.Now(), state.world.clock.Mono());
  for (runbooks::ActionResult& result : state.world.actions.Poll()) state.results.push_back(std::move(result));
  for (notify::Receipt& receipt : state.world.messenger.Poll()) {
    state.sending.erase(receipt.message);
    state.receipts.push_back(std::move(receipt));
  }
  for (checks::CheckSet::Changed& changed : state.checks.Evaluate(now)) {
    state.alert_changes.insert_or_assign(changed.alert.fingerprint(), std::move(changed.alert));
  }
  RecoverRuns(state, now);

  Transaction transaction(state, now);
  for (const auto& [fingerprint, alert] : state.alert_changes) transaction.Store(alert);
  transaction.PruneSilences();
  for (const auto& [fingerprint, alert] : state.alert_changes) transaction.TakeAlert(alert);
  transaction.EndForeign();
  transaction.ReopenFiring();
  transaction.MuteIncidents();
  transaction.StartScheduled();
  transaction.TakeReceipts();
  transaction.DecideRuns();
  transaction.TickIncidents();
  transaction.AdvanceEscalations();
  transaction.TakePostmortems();
  transaction.SendDue();
  const Status committed = transaction.Commit();
  if (committed.ok()) {
    state.alert_changes.clear();
    state.results.clear();
    state.receipts.clear();
    state.unwritable_since.reset();
    state.told_unwritable_at.reset();
  } else if (committed.error().code() != Code::kFailedPrecondition) {
    TellUnwritable(state, now, committed.error());
  }
  return committed;
}

Status Controller::Apply(const PersonCommand& command) {
  if (state_->fenced) return Error(Code::kFailedPrecondition, "another owner has taken over");
  Transaction transaction(*state_, state_->time->now());
  TRY(transaction.Apply(command));
  return transaction.Commit();
}

// nullptr: there is none of this name today.
static const LoadedRunbook* FindCurrent(const Controller::State& state, const std::string& name) {
  for (const std::string& hash : state.current) {
    const LoadedRunbook& loaded = state.by_hash.at(hash);
    if (loaded.runbook->name == name) return &loaded;
  }
  return nullptr;
}

static Error NoSuchRunbook(const std::string& name) {
  return Error(Code::kNotFound, "there is no runbook '" + name + "'");
}

Result<std::string> Controller::StartByHand(const std::string& name, const signals::LabelSet& labels,
                                            const std::string& person, runbooks::Mode mode) {
  State& state = *state_;
  if (state.fenced) return Error(Code::kFailedPrecondition, "another owner has taken over");
  const LoadedRunbook* loaded = FindCurrent(state, name);
  if (loaded == nullptr) return NoSuchRunbook(name);
  const Runbook& runbook = *loaded->runbook;
  const std::string key = labels.Only(runbook.key).ToString();
  for (const Incident& incident : OpenIncidents()) {
    if (incident.runbook == name && incident.key == key) {
      return Error(Code::kAlreadyExists, "incident " + incident.id + " is open for it");
    }
  }
  Transaction transaction(state, state.time->now());
  const std::string id = transaction.OpenIncident(&runbook, key, runbook.title, runbook.severity, labels);
  transaction.Say(id, kinds::kNote, "started by hand by " + person);
  transaction.StartRun(id, runbook, mode, true);
  TRY(transaction.Commit());
  return id;
}

Result<std::vector<std::string>> Controller::PlanByHand(const std::string& name,
                                                        const signals::LabelSet& labels) const {
  const LoadedRunbook* loaded = FindCurrent(*state_, name);
  if (loaded == nullptr) return NoSuchRunbook(name);
  const Json document = {{"labels", labels.ToJson()}, {"signals", Json::object()}, {"steps", Json::object()}};
  return runbooks::Plan(*loaded->runbook, document);
}

Status Controller::SetMode(const std::string& name, runbooks::Mode mode) {
  State& state = *state_;
  if (state.fenced) return Error(Code::kFailedPrecondition, "another owner has taken over");
  if (FindCurrent(state, name) == nullptr) return NoSuchRunbook(name);
  std::map<std::string, runbooks::Mode> modes = state.modes;
  modes.insert_or_assign(name, mode);
  Json document = Json::object();
  for (const auto& [runbook, set] : modes) document[runbook] = runbooks::ModeName(set);
  TRY(state.world.ledger.Commit(state.epoch, {{}, {{kControl, "modes", std::move(document)}}, {}}));
  state.modes = std::move(modes);
  return {};
}

WallTime Controller::Now() { return state_->time->Advance(state_->world.clock.Now(), state_->world.clock.Mono()); }

std::vector<std::shared_ptr<const Runbook>> Controller::Runbooks() const {
  std::vector<std::shared_ptr<const Runbook>> all;
  for (const std::string& hash : state_->current) all.push_back(state_->by_hash.at(hash).runbook);
  return all;
}

std::shared_ptr<const Runbook> Controller::RunbookOf(const std::string& hash) const {
  const auto found = state_->by_hash.find(hash);
  return found != state_->by_hash.end() ? found->second.runbook : nullptr;
}

runbooks::Mode Controller::ModeOf(const Runbook& runbook) const {
  const auto set = state_->modes.find(runbook.name);
  return set != state_->modes.end() ? set->second : runbook.mode;
}

const checks::CheckSet& Controller::Checks() const { return state_->checks; }

std::vector<Incident> Controller::OpenIncidents() const {
  std::vector<Incident> open;
  for (const auto& [id, incident] : state_->incidents) {
    if (incident.open()) open.push_back(incident);
  }
  return open;
}

std::vector<Run> Controller::ActiveRuns() const {
  std::vector<Run> active;
  for (const auto& [id, run] : state_->runs) {
    if (!IsOver(run.state)) active.push_back(run);
  }
  return active;
}

std::vector<checks::Alert> Controller::ActiveAlerts() const { return state_->checks.Active(); }

}  // namespace vigia::controller
