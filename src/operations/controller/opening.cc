// Takes the ledger over and reads what earlier lives left in it.
#include <algorithm>

#include "alerting/foreign.h"
#include "controller/state.h"
#include "runbooks/load.h"

namespace vigia::controller {
namespace {

constexpr Duration kRemember = std::chrono::hours(24 * 31);  // past runs, for caps

Result<WallTime> LoadHeartbeat(const storage::Ledger& ledger) {
  const auto document = TRY(ledger.Get(kControl, "heartbeat"));
  if (!document) return WallTime{};
  return ParseTime(TRY(GetString(*document, "at")));
}

// One that cannot be read stops the start: acting on half a memory is worse than not starting.
template <typename Type>
Result<std::vector<Type>> LoadAll(const storage::Ledger& ledger, const char* collection) {
  std::vector<Type> all;
  for (const storage::Document& document : TRY(ledger.List(collection))) {
    all.push_back(TRY_CONTEXT(Type::FromJson(document.value), std::string(collection) + " " + document.key));
  }
  return all;
}

}  // namespace

// Reads the ledger into memory. Split by what is read.
class Opening {
 public:
  explicit Opening(Controller::State& state) : state_(state) {}

  Status Load() {
    World& world = state_.world;
    const WallTime wall = world.clock.Now();
    last_seen_ = TRY(LoadHeartbeat(world.ledger));
    state_.epoch = TRY(world.ledger.TakeOver(state_.settings.owner, wall));
    state_.time.emplace(wall, world.clock.Mono(), last_seen_);
    const WallTime now = state_.time->now();
    for (const Runbook& runbook : state_.settings.runbooks) {
      Add(std::make_shared<const Runbook>(runbook));
      state_.current.push_back(runbook.hash);
    }
    if (const auto counters = TRY(world.ledger.Get(kControl, "counters"))) {
      state_.counters = { TRY(GetInteger(*counters, "incident")), TRY(GetInteger(*counters, "run")) };
    }
    TRY(LoadModes());
    TRY(LoadIncidents());
    TRY(LoadRuns(now));
    TRY(LoadAlerts(now));
    for (alerting::Silence& silence : TRY(LoadAll<alerting::Silence>(world.ledger, kSilences))) {
      state_.silences.emplace(silence.id, std::move(silence));
    }
    return LoadSchedules();
  }

 private:
  void Add(std::shared_ptr<const Runbook> runbook) {
    LoadedRunbook loaded;
    for (const runbooks::NamedSelector& named : runbook->signals) {
      LoadedRunbook::Queries queries{state_.world.signals.Prepare(named.selector), std::nullopt};
      if (named.of) queries.of = state_.world.signals.Prepare(*named.of);
      loaded.queries.push_back(queries);
    }
    const std::string hash = runbook->hash;
    loaded.runbook = std::move(runbook);
    state_.by_hash.insert_or_assign(hash, std::move(loaded));
  }

  Status LoadAlerts(WallTime now) {
    std::vector<checks::Alert> own;
    for (checks::Alert& alert : TRY(LoadAll<checks::Alert>(state_.world.ledger, kAlerts))) {
      if (!alert.source.empty()) {
        alert = alerting::RestoreForeign(std::move(alert), now);
      } else {
        own.push_back(alert);
      }
      if (alert.state == checks::AlertState::kFiring) state_.firing.emplace(alert.fingerprint(), std::move(alert));
    }
    state_.checks.Load(own, last_seen_, now);
    // What a check was called, or how its alerts were labelled, before the configuration changed is over.
    for (checks::Alert& alert : own) {
      const checks::Alert* today = state_.checks.FindAlert(alert.check, alert.instance);
      if (today != nullptr && today->labels == alert.labels) continue;
      if (today != nullptr) state_.alert_changes.insert_or_assign(today->fingerprint(), *today);
      alert.state = checks::AlertState::kInactive;
      state_.alert_changes.emplace(alert.fingerprint(), std::move(alert));
    }
    return {};
  }

  Status LoadSchedules() {
    for (const std::string& hash : state_.current) {
      const std::shared_ptr<const Runbook>& runbook = state_.by_hash.at(hash).runbook;
      for (const runbooks::Trigger& trigger : runbook->triggers) {
        if (!trigger.cron) continue;
        Schedule schedule{runbook, *trigger.cron, {}, trigger.schedule, std::nullopt, std::nullopt};
        if (!trigger.time_zone.empty() && state_.world.zones != nullptr) {
          schedule.zone = TRY_CONTEXT(state_.world.zones->Find(trigger.time_zone), "runbook '" + runbook->name + "'");
          schedule.text += " " + trigger.time_zone;
        }
        const std::string key = runbook->name + "/" + schedule.text;
        if (const auto stored = TRY(state_.world.ledger.Get(kSchedules, key))) {
          schedule.last = TRY(ParseTime(TRY(GetString(*stored, "last"))));
          schedule.next = schedule.cron.Next(*schedule.last, schedule.zone);
        }
        state_.schedules.insert_or_assign(key, std::move(schedule));
      }
    }
    return {};
  }

  Status LoadModes() {
    const auto document = TRY(state_.world.ledger.Get(kControl, "modes"));
    if (!document) return {};
    for (const auto& [runbook, name] : document->items()) {
      const auto mode = name.is_string() ? runbooks::ParseMode(name.get<std::string>()) : std::nullopt;
      if (mode) state_.modes.insert_or_assign(runbook, *mode);
    }
    return {};
  }

  Status LoadIncidents() {
    for (Incident& incident : TRY(LoadAll<Incident>(state_.world.ledger, kIncidents))) {
      if (incident.resolved_at) {
        WallTime& newest = state_.resolved_at[{incident.runbook, incident.key}];
        newest = std::max(newest, *incident.resolved_at);
      }
      if (!incident.closed) state_.incidents.emplace(incident.id, std::move(incident));
    }
    for (escalation::Escalation& one : TRY(LoadAll<escalation::Escalation>(state_.world.ledger, kEscalations))) {
      if (state_.incidents.count(one.incident) > 0) state_.escalations.emplace(one.incident, std::move(one));
    }
    for (Message& message : TRY(LoadAll<Message>(state_.world.ledger, kOutbox))) {
      const bool alive =
          message.state == notify::MessageState::kPending || state_.incidents.count(message.incident) > 0;
      if (alive) state_.outbox.emplace(message.id, std::move(message));
    }
    return {};
  }

  Status LoadRuns(WallTime now) {
    for (Run& run : TRY(LoadAll<Run>(state_.world.ledger, kRuns))) {
      const bool active = state_.incidents.count(run.incident) > 0;
      if (run.wrote && now - run.created_at < kRemember && (!active || IsOver(run.state))) {
        state_.past[{run.runbook, run.key}].push_back({run.created_at, run.finished_at});
      }
      if (!active) continue;
      TRY(LoadText(run.runbook_hash));
      if (!runbooks::InFlight(run).empty()) state_.recovering.insert(run.id);
      state_.runs.emplace(run.id, std::move(run));
    }
    return {};
  }

  // A run goes on with the text that it began with.
  Status LoadText(const std::string& hash) {
    if (state_.by_hash.count(hash) > 0) return {};
    const auto document = TRY(state_.world.ledger.Get(kRunbooks, hash));
    if (!document) return Error(Code::kDataLoss, "the text of a run's runbook is missing");
    std::vector<config::Problem> problems;
    const std::string file = TRY(GetString(*document, "file"));
    // It was linted when it began; what the list of allowed commands has lost since then is refused.
    Runbook runbook = runbooks::LoadRunbook(TRY(GetString(*document, "source")), file, state_.settings.catalogue,
                                            problems, jq::Compiling::kFirstUse);
    if (!problems.empty()) return Error(Code::kFailedPrecondition, problems.front().ToString());
    Add(std::make_shared<const Runbook>(std::move(runbook)));
    return {};
  }

  Controller::State& state_;
  WallTime last_seen_{};
};

Result<std::unique_ptr<Controller>> Controller::Open(ControllerSettings settings, World world) {
  auto state = std::make_unique<State>(std::move(settings), world);
  TRY(Opening(*state).Load());
  return std::unique_ptr<Controller>(new Controller(std::move(state)));
}

}  // namespace vigia::controller
