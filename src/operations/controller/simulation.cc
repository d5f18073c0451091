#include "controller/simulation.h"

#include <algorithm>
#include <deque>

#include "controller/collections.h"
#include "controller/simulated_world.h"

namespace vigia::controller::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kTrouble = minutes(15);
constexpr Duration kCalm = minutes(30);  // longer than any deadline, hold and ladder
constexpr Duration kCapWindow = minutes(11);
constexpr int kCap = 3;
constexpr double kCrashAtCommit = 0.01;  // on either side of it
constexpr double kCrashAtEffect = 0.02;
constexpr size_t kLazyCommits = 2;  // that a lying disk holds back

// Whether one life of the controller still lives. Once dead, nothing that it does reaches the world.
struct Pulse {
  SimulatedWorld& world;
  const int number;
  bool dead = false;

  void Die(const std::string& where) {
    if (dead) return;
    dead = true;
    ++world.outcome.crashes;
    world.Tell("life " + std::to_string(number) + " dies " + where);
  }
  bool Survives(double risk, const char* where) {
    if (!dead && !world.calm && world.Chance(risk)) Die(where);
    return !dead;
  }
};

constexpr char kDownAlert[] = "down";
constexpr char kSlowAlert[] = "slow";

alerting::AlertingSettings SimulatedAlerting() {
  const auto matcher = [](const char* name) {
    return std::vector<signals::Matcher>{
        signals::Matcher::Make("alertname", signals::Matcher::Op::kEqual, name).value()};
  };
  alerting::AlertingSettings settings;
  settings.inhibit_rules = {{matcher(kDownAlert), matcher(kSlowAlert), {"service"}}};
  return settings;
}

// What the journal says, read without the controller's own code for it: some alert is there, and each is
// silenced, or is slow while its service is down.
bool IsSuppressed(const SimulatedWorld& world, const incidents::Incident& incident, WallTime now) {
  std::vector<checks::Alert> firing;
  for (const storage::Document& document : world.ledger.List(kAlerts).value()) {
    checks::Alert alert = checks::Alert::FromJson(document.value).value();
    if (alert.state == checks::AlertState::kFiring) firing.push_back(std::move(alert));
  }
  const auto silences = world.ledger.List(kSilences).value();
  const auto suppressed = [&](const checks::Alert& alert) {
    const std::string_view service = alert.labels.Get("service");
    for (const storage::Document& document : silences) {
      const auto silence = alerting::Silence::FromJson(document.value).value();
      if (silence.starts_at <= now && now < silence.ends_at && silence.matchers.front().value() == service) return true;
    }
    return alert.check == kSlowAlert && std::any_of(firing.begin(), firing.end(), [&](const checks::Alert& other) {
             return other.check == kDownAlert && other.labels.Get("service") == service;
           });
  };
  for (const std::string& fingerprint : incident.alerts) {
    const auto alert = std::find_if(firing.begin(), firing.end(),
                                    [&](const checks::Alert& one) { return one.fingerprint() == fingerprint; });
    if (alert == firing.end() || !suppressed(*alert)) return false;
  }
  return !incident.alerts.empty();
}

// Of the newest commit that did anything.
WallTime JournalTime(const SimulatedWorld& world) {
  const auto heartbeat = world.ledger.Get(kControl, "heartbeat").value();
  return heartbeat ? ParseTime((*heartbeat)["at"].get<std::string>()).value() : WallTime{};
}

class LifeLedger final : public storage::Ledger {
 public:
  explicit LifeLedger(Pulse& pulse) : pulse_(pulse) {}

  Result<storage::Epoch> TakeOver(std::string_view owner, WallTime at) override {
    pulse_.world.owner = pulse_.number;
    return pulse_.world.ledger.TakeOver(owner, at);
  }
  Status Commit(storage::Epoch epoch, const storage::Batch& batch) override {
    if (!pulse_.Survives(kCrashAtCommit, "before a commit")) return Error(Code::kUnavailable, "dead");
    if (pulse_.world.options.lazy_ledger) {
      held_.emplace_back(epoch, batch);
      Flush(kLazyCommits);
    } else {
      TRY(pulse_.world.ledger.Commit(epoch, batch));
      CheckOpened(batch);
    }
    pulse_.Survives(kCrashAtCommit, "after a commit");
    return {};
  }
  Result<std::optional<Json>> Get(std::string_view collection, std::string_view key) const override {
    return pulse_.world.ledger.Get(collection, key);
  }
  Result<std::vector<storage::Document>> List(std::string_view collection) const override {
    return pulse_.world.ledger.List(collection);
  }
  Result<std::vector<storage::Document>> Page(std::string_view collection, std::string_view before,
                                              size_t limit) const override {
    return pulse_.world.ledger.Page(collection, before, limit);
  }
  Result<std::vector<storage::StreamEntry>> Read(std::string_view stream, int64_t after, size_t limit) const override {
    return pulse_.world.ledger.Read(stream, after, limit);
  }
  void Flush(size_t keep) {
    while (held_.size() > keep) {
      static_cast<void>(pulse_.world.ledger.Commit(held_.front().first, held_.front().second));
      held_.pop_front();
    }
  }

 private:
  void CheckOpened(const storage::Batch& batch) {
    const WallTime now = JournalTime(pulse_.world);
    for (const storage::Batch::Put& put : batch.puts) {
      if (put.collection != kIncidents) continue;
      const auto incident = incidents::Incident::FromJson(put.value).value();
      if (incident.opened_at != now || !incident.open() || !IsSuppressed(pulse_.world, incident, now)) continue;
      pulse_.world.Violation("an incident of alerts that nobody should hear: " + incident.id);
    }
  }

  Pulse& pulse_;
  std::deque<std::pair<storage::Epoch, storage::Batch>> held_;
};

class LifeActions final : public runbooks::ActionRunner {
 public:
  explicit LifeActions(Pulse& pulse) : pulse_(pulse) {}
  void Start(const runbooks::ActionRequest& request) override {
    if (!pulse_.Survives(kCrashAtEffect, "before an action")) return;
    if (!pulse_.world.options.lazy_ledger) CheckIntent(request.key);
    pulse_.world.Start(pulse_.number, request);
    pulse_.Survives(kCrashAtEffect, "after an action");
  }
  std::vector<runbooks::ActionResult> Poll() override { return pulse_.world.TakeResults(pulse_.number); }
  bool IsRunning(const std::string& key) override { return pulse_.world.IsRunning(key); }
  void Kill(const std::string& key) override {
    if (!pulse_.dead) pulse_.world.Kill(key);
  }

 private:
  // An action may begin only when its intent can be read back from the journal.
  void CheckIntent(const std::string& key) {
    const auto document = pulse_.world.ledger.Get("run", key.substr(0, key.find('/')));
    if (document.ok() && *document) {
      const auto run = runbooks::Run::FromJson(**document);
      const auto keys = run.ok() ? runbooks::InFlight(*run) : std::vector<std::string>();
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) return;
    }
    pulse_.world.Violation("an action without a durable intent: " + key);
  }
  Pulse& pulse_;
};

class LifeMessenger final : public notify::Messenger {
 public:
  explicit LifeMessenger(Pulse& pulse) : pulse_(pulse) {}
  void Start(const notify::Message& message) override {
    if (!pulse_.Survives(kCrashAtEffect, "before a message")) return;
    if (!pulse_.world.options.lazy_ledger) CheckHeard(message);
    pulse_.world.Send(pulse_.number, message);
    pulse_.Survives(kCrashAtEffect, "after a message");
  }
  std::vector<notify::Receipt> Poll() override { return pulse_.world.TakeReceipts(pulse_.number); }

 private:
  void CheckHeard(const notify::Message& message) {
    const auto document = pulse_.world.ledger.Get(kIncidents, message.incident).value();
    if (!document || message.kind != notify::MessageKind::kPage) return;
    const auto incident = incidents::Incident::FromJson(*document).value();
    if (!IsSuppressed(pulse_.world, incident, JournalTime(pulse_.world))) return;
    pulse_.world.Violation("a page about alerts that nobody should hear: " + message.id);
  }

  Pulse& pulse_;
};

class LifeClock final : public Clock {
 public:
  explicit LifeClock(const SimulatedWorld& world) : world_(world), born_(world.now) {}
  WallTime Now() const override { return world_.now + world_.off; }
  MonoTime Mono() const override { return MonoTime(world_.now - born_); }

 private:
  const SimulatedWorld& world_;
  const WallTime born_;
};

class LifeSignals final : public signals::SignalView {
 public:
  explicit LifeSignals(const SimulatedWorld& world) : world_(world) {}
  Query Prepare(const signals::Selector& selector) override {
    names_.push_back(selector.signal);
    return static_cast<Query>(names_.size() - 1);
  }
  void Read(Query query, WallTime, std::vector<signals::Reading>& readings) const override {
    for (const auto& [name, service] : world_.services) {
      double value = service.illness == Illness::kNone ? 1 : 0;  // up
      if (names_[query] == "p95") value = service.slow && !service.limited ? 900 : 50;
      if (names_[query] == "main") value = service.slow ? 0 : 1;
      readings.push_back({{{"service", name}}, value});
    }
  }

 private:
  const SimulatedWorld& world_;
  std::vector<std::string> names_;
};

class SimulatedPeople final : public People {
 public:
  std::optional<escalation::Policy> FindPolicy(const std::string&) const override { return SimulatedPolicy(); }
  std::vector<escalation::Reached> Resolve(const escalation::Call& call, const escalation::Policy&, checks::Severity,
                                           WallTime) const override {
    std::vector<escalation::Reached> reached;
    for (const escalation::Recipient& recipient : call.recipients) {
      for (const char* channel : {"sms", "email"}) reached.push_back({recipient.name, {channel, recipient.name}});
    }
    return reached;
  }
  std::vector<std::string> RolesOf(const std::string&) const override { return {"oncall"}; }
  std::set<std::string> OpenWindows(WallTime) const override { return {}; }
};

struct Life {
  Pulse pulse;
  LifeLedger ledger;
  LifeActions actions;
  LifeMessenger messenger;
  LifeClock clock;
  LifeSignals signals;
  SimulatedPeople people;
  NoLog log;
  std::unique_ptr<Controller> controller;

  Life(SimulatedWorld& world, int number)
      : pulse{world, number}, ledger(pulse), actions(pulse), messenger(pulse), clock(world), signals(world) {
    world.Tell("life " + std::to_string(number) + " begins");
    ControllerSettings settings;
    settings.owner = "life " + std::to_string(number);
    settings.runbooks = SimulatedRunbooks();
    settings.default_policy = "sre";
    settings.alerting = SimulatedAlerting();
    settings.retry = {seconds(2), seconds(30), minutes(4)};
    auto opened = Controller::Open(std::move(settings), World{clock, ledger, signals, actions, messenger, people, log});
    CHECK(opened.ok(), opened.ok() ? "" : opened.error().message());
    controller = *std::move(opened);
  }
};

class Simulation {
 public:
  Simulation(uint64_t seed, const Options& options) : world_(seed, options), started_(world_.now) {}

  Outcome Run() && {
    while (world_.now - started_ < kTrouble + kCalm) Step();
    CheckEnd();
    return std::move(world_.outcome);
  }

 private:
  void Step() {
    if (!world_.calm && world_.now - started_ >= kTrouble) BeginCalm();
    if (life_ != nullptr && life_->pulse.dead) Bury();
    if (life_ == nullptr && world_.now >= reborn_at_) life_ = std::make_unique<Life>(world_, ++lives_);
    if (life_ != nullptr && !world_.calm && world_.Chance(0.002)) TakeOver();
    const bool busy = life_ != nullptr && !life_->controller->OpenIncidents().empty();
    world_.Advance(busy ? milliseconds(500) : milliseconds(2'000));
    if (zombie_ != nullptr) TickZombie();
    if (life_ == nullptr) return;
    if (!life_->pulse.Survives(0.0005, "between ticks")) return;
    static_cast<void>(life_->controller->Tick());
    if (!life_->pulse.dead) CheckLocks();
    if (!life_->pulse.dead) PeopleAct();
    if (!life_->pulse.dead) PeopleSilence();
  }

  // Silences come and go while there is trouble; when it is over, people end those that are left.
  void PeopleSilence() {
    if (!world_.calm && world_.Chance(0.003)) {
      alerting::Silence silence;
      const char* service = world_.Chance(0.5) ? "a" : "b";
      silence.matchers = {signals::Matcher::Make("service", signals::Matcher::Op::kEqual, service).value()};
      silence.starts_at = life_->controller->Now() + seconds(world_.rng.Below(60));
      silence.ends_at = silence.starts_at + seconds(10 + world_.rng.Below(300));
      silence.created_by = "ana";
      world_.Tell(std::string("ana silences ") + service);
      if (life_->controller->SetSilence(silence).ok()) ++world_.outcome.silences;
    }
    if (!world_.calm && !world_.Chance(0.003)) return;
    std::vector<std::string> ids;
    for (const auto& [id, silence] : life_->controller->Silences()) {
      if (alerting::StateOf(silence, life_->controller->Now()) != alerting::SilenceState::kExpired) ids.push_back(id);
    }
    for (const std::string& id : ids) {
      world_.Tell("ana ends a silence");
      static_cast<void>(life_->controller->ExpireSilence(id));
    }
  }

  void BeginCalm() {
    world_.Tell("calm begins");
    world_.calm = true;
    world_.disk_full = false;
    world_.dead_channels.clear();
  }

  void Bury() {
    world_.KillLife(life_->pulse.number);
    life_.reset();
    reborn_at_ = world_.now + milliseconds(world_.rng.Below(20'000));
  }

  // A second control plane takes over while the first still believes in itself.
  void TakeOver() {
    ++world_.outcome.takeovers;
    world_.Tell("a second owner takes over");
    zombie_ = std::move(life_);
    zombie_ticks_ = 5;
    life_ = std::make_unique<Life>(world_, ++lives_);
  }

  void TickZombie() {
    static_cast<void>(zombie_->controller->Tick());  // the world sees whether it acts
    if (--zombie_ticks_ > 0 && !zombie_->pulse.dead) return;
    world_.KillLife(zombie_->pulse.number);
    zombie_.reset();
  }

  // No two runs hold one lock.
  void CheckLocks() {
    std::set<std::string> held;
    for (const runbooks::Run& run : life_->controller->ActiveRuns()) {
      if (!run.holds_locks) continue;
      for (const std::string& lock : run.locks) {
        if (!held.insert(lock).second) world_.Violation("two runs hold the lock " + lock);
      }
    }
  }

  // Those who were reached acknowledge after a while, mend what they find, and resolve.
  void PeopleAct() {
    for (const incidents::Incident& incident : life_->controller->OpenIncidents()) {
      if (life_->pulse.dead) return;
      if (!incident.acknowledged_at) {
        if (world_.delivered.count(incident.id) == 0 || !world_.Chance(0.01)) continue;
        if (Do(PersonCommand::Kind::kAcknowledge, incident.id)) world_.acknowledged.insert(incident.id);
        continue;
      }
      Service& service = world_.services[std::string(incident.labels.Get("service"))];
      if (world_.Chance(0.02)) {
        service.illness = Illness::kNone;
        service.slow = false;
        world_.Tell("people mend " + std::string(incident.labels.Get("service")));
      }
      if (!incident.firing && world_.Chance(0.01)) Do(PersonCommand::Kind::kResolve, incident.id);
    }
  }

  bool Do(PersonCommand::Kind kind, const std::string& incident) {
    PersonCommand command;
    command.kind = kind;
    command.incident = incident;
    command.person = "ana";
    const Status done = life_->controller->Apply(command);
    world_.Tell("ana " + std::to_string(static_cast<int>(kind)) + " " + incident + (done.ok() ? "" : " refused"));
    return done.ok();
  }

  void CheckEnd() {
    if (zombie_ != nullptr) zombie_->ledger.Flush(0);
    if (life_ != nullptr) life_->ledger.Flush(0);
    std::map<std::string, std::vector<WallTime>> writes;
    const auto runs = world_.ledger.List("run").value();
    for (const storage::Document& document : runs) {
      const runbooks::Run run = runbooks::Run::FromJson(document.value).value();
      if (!IsOver(run.state)) world_.Violation("run " + run.id + " is lost in " + std::string(RunStateName(run.state)));
      if (run.wrote) writes[run.runbook + " " + run.key].push_back(run.created_at);
    }
    for (auto& [key, times] : writes) {
      std::sort(times.begin(), times.end());
      for (size_t i = kCap; i < times.size(); ++i) {
        if (times[i] - times[i - kCap] < kCapWindow) world_.Violation("more runs than its cap: " + key);
      }
    }
    std::set<std::string> ill;
    for (const auto& [name, service] : world_.services) {
      if (service.illness != Illness::kNone) ill.insert(name);
    }
    const auto opened = world_.ledger.List("incident").value();
    for (const storage::Document& document : opened) {
      const auto incident = incidents::Incident::FromJson(document.value).value();
      ++world_.outcome.incidents;
      const bool paged = world_.delivered.count(incident.id) > 0;
      if (incident.open() && !paged) world_.Violation("incident " + incident.id + " is open, and nobody was reached");
      if (!incident.open() && incident.resolved_by == "verify" && !incident.acknowledged_at) ++world_.outcome.healed;
      if (incident.open()) ill.erase(std::string(incident.labels.Get("service")));
    }
    for (const std::string& name : ill) world_.Violation("service " + name + " is ill, and no incident is open");
  }

  SimulatedWorld world_;
  const WallTime started_;
  std::unique_ptr<Life> life_;
  std::unique_ptr<Life> zombie_;
  int zombie_ticks_ = 0;
  int lives_ = 0;
  WallTime reborn_at_{};
};

}  // namespace

Outcome Simulate(uint64_t seed, const Options& options) { return Simulation(seed, options).Run(); }

}  // namespace vigia::controller::simulation
