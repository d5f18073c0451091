#include "control/plane.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

#include "control/default_sources.h"
#include "control/patient_source.h"
#include "control/service_signals.h"
#include "notify/heartbeat.h"

namespace vigia::control {
namespace {

constexpr Duration kForgetEvery = std::chrono::seconds(10);
constexpr int kWatchTries = 100;
constexpr auto kWatchPause = std::chrono::milliseconds(100);

std::string Owner() {
  char host[256] = "";
  if (::gethostname(host, sizeof(host) - 1) != 0) host[0] = '\0';
  return fmt::format("{}:{}", host[0] != '\0' ? host : "unknown", ::getpid());
}

std::vector<std::string> RolesIn(const std::vector<KnownRunbook>& runbooks) {
  std::set<std::string> roles;
  for (const KnownRunbook& known : runbooks) {
    for (const std::string& approver : ApproversIn(known.runbook)) {
      if (approver.starts_with("role:")) roles.insert(approver.substr(5));
    }
  }
  return {roles.begin(), roles.end()};
}

}  // namespace

Plane::Plane(Configuration configuration, const PlaneWorld& world)
    : configuration_(std::move(configuration)),
      world_(world),
      owner_(Owner()),
      started_at_(world.clock.Now()),
      zones_(world.files) {}

Plane::~Plane() { Stop(supervisor::Watch::AtEnd::kLeaveServices); }

Result<std::unique_ptr<Plane>> Plane::Start(Configuration configuration, const PlaneWorld& world) {
  std::unique_ptr<Plane> plane(new Plane(std::move(configuration), world));
  for (const char* folder : {"run", "state", "logs"}) TRY(world.files.MakeFolders(JoinPath(world.home, folder)));
  auto lock = world.files.Lock(JoinPath(world.home, "run/control.lock"));
  if (!lock.ok()) return lock.error().Prefixed("another control plane has this home");
  plane->home_lock_ = *std::move(lock);
  plane->programs_ = std::make_unique<OwnPrograms>(world.processes, world.clock, world.program);
  plane->budgets_ =
      std::make_unique<ErrorBudgets>(JoinPath(world.home, "state/error_budgets.json"), world.files, world.log);
  for (const auto& spec : plane->configuration_.services) plane->services_.push_back(spec.name);
  plane->ledger_ = TRY(storage::OpenSqliteLedger(JoinPath(world.home, "state/vigia.db")));
  TRY(plane->StartPeople());
  TRY(plane->StartWatch());
  TRY(plane->StartController());
  plane->StartJobs();
  for (const config::Problem& warning : plane->configuration_.warnings) {
    world.log.Warning("configuration", {{"problem", warning.ToString()}});
  }
  return plane;
}

// A command that is restarting a service lets go of it soon.
Status Plane::StartWatch() {
  const supervisor::KeeperWorld keepers{world_.files, world_.processes, world_.http,
                                        world_.clock, world_.log,       world_.home};
  for (int tries = 1;; ++tries) {
    auto watch = supervisor::Watch::Start(configuration_.services, keepers);
    if (watch.ok()) {
      watch_ = *std::move(watch);
      return {};
    }
    if (watch.error().code() != Code::kUnavailable || tries == kWatchTries) return watch.error();
    std::this_thread::sleep_for(kWatchPause);
  }
}

Status Plane::StartPeople() {
  people_ = std::make_unique<DirectoryPeople>(configuration_.oncall.directory, RolesIn(configuration_.runbooks));
  postmortems_ = std::make_unique<FilePostmortems>(
      PostmortemSettings{world_.home, configuration_.settings.Language(), configuration_.zone,
                         [this](const auto& incident, auto& facts) { Enrich(incident, facts); }},
      world_.files);
  messenger_ = std::make_unique<notify::ThreadMessenger>(std::move(configuration_.oncall.channels), world_.clock);
  runner_ = runbooks::MakeSystemRunner({"vigia", world_.home, 8}, *programs_, world_.http);
  return {};
}

std::vector<std::unique_ptr<signals::SignalSource>> Plane::MakeSources(const std::vector<checks::Check>& checks) {
  const signals::ProbeWorld probes{world_.files, *programs_,  world_.http,
                                   world_.clock, world_.home, world_.environment};
  std::vector<std::unique_ptr<signals::SignalSource>> sources = signals::MakeSources(configuration_.signals, probes);
  for (const supervisor::ServiceSpec& spec : configuration_.services) {
    const auto begun = [&watch = *watch_, name = spec.name] {
      for (const supervisor::ServiceState& state : watch.States()) {
        if (state.service != name) continue;
        return !state.wanted || std::all_of(state.replicas.begin(), state.replicas.end(), [](const auto& replica) {
          return replica.state == supervisor::ReplicaState::kRunning;
        });
      }
      return false;
    };
    const std::vector<std::string> names = ServiceProbes(spec);
    for (std::unique_ptr<signals::SignalSource>& source : sources) {
      if (std::find(names.begin(), names.end(), source->name()) == names.end()) continue;
      source = std::make_unique<PatientSource>(std::move(source), begun, spec.start_grace);
    }
  }
  for (const checks::Check& check : checks) {
    if (check.source != nullptr) sources.push_back(check.source(probes));
  }
  sources.push_back(supervisor::MakeWatchSource(*watch_));
  return sources;
}

Status Plane::StartController() {
  series_ = signals::MakeSeriesStore(configuration_.signals.series);
  controller::ControllerSettings settings;
  settings.owner = owner_;
  settings.checks = configuration_.checks;
  settings.alerting = configuration_.alerting;
  settings.default_policy = configuration_.default_policy;
  for (const KnownRunbook& known : configuration_.runbooks) {
    if (known.problems.empty()) settings.runbooks.push_back(known.runbook);
  }
  std::vector<std::unique_ptr<signals::SignalSource>> sources = MakeSources(controller::AllChecks(settings));
  const controller::World world{world_.clock, *ledger_,   *series_,           *runner_, *messenger_,
                                *people_,     world_.log, postmortems_.get(), &zones_};
  KeepForCharts(*series_);
  controller_ = TRY(controller::Controller::Open(std::move(settings), world));
  collector_ = std::make_unique<signals::Collector>(std::move(sources), configuration_.signals.collector);
  return {};
}

void Plane::Enrich(const incidents::Incident& incident, incidents::PostmortemFacts& facts) const {
  for (const KnownRunbook& known : configuration_.runbooks) {
    if (known.runbook.name != incident.runbook) continue;
    if (facts.owner.empty()) facts.owner = known.runbook.postmortem.owner;
    if (incident.resolved_at) facts.due = *incident.resolved_at + known.runbook.postmortem.due;
  }
  const std::string service(incident.labels.Get("service"));
  const WallTime end = incident.resolved_at.value_or(world_.clock.Now());
  if (!service.empty()) facts.requests_hit = FailedShare(*series_, service, incident.opened_at, end);
}

void Plane::StartJobs() {
  std::vector<PeriodicJob> jobs;
  const Duration every = CompactEvery(configuration_.settings);
  if (every > Duration::zero()) jobs.push_back({"compact", {"vigia", "inference", "compact", "--json"}, every});
  jobs_ = std::make_unique<Jobs>(std::move(jobs), world_.home, *programs_, world_.clock);
}

Duration Plane::SinceTick() const {
  const std::chrono::nanoseconds at(ticked_at_ns_.load());
  return std::chrono::floor<Duration>(world_.clock.Mono().time_since_epoch() - at);
}

Status Plane::Tick() {
  WallTime now;
  const Status ticked = TickLocked(now);
  budgets_->Keep(now, ErrorBudgets::When::kDue);  // a write that may take its time: nobody waits for it
  return ticked;
}

Status Plane::TickLocked(WallTime& now) {
  const std::lock_guard lock(mutex_);
  now = controller_->Now();
  series_->Append(collector_->Poll(now));
  budgets_->Look(*series_, services_, now);
  if (now - forgot_at_ >= kForgetEvery) {
    series_->Forget(now);
    forgot_at_ = now;
  }
  const Status ticked = controller_->Tick();
  Beat(now);
  ticked_at_ns_ = world_.clock.Mono().time_since_epoch().count();
  const std::string told = ticked.ok() ? "" : ticked.error().message();
  if (told != told_ && !told.empty()) world_.log.Error("a tick failed", {{"reason", told}});
  told_ = told;
  return ticked;
}

void Plane::Beat(WallTime now) {
  if (!configuration_.oncall.heartbeat) return;
  const auto message = notify::DueHeartbeat(*configuration_.oncall.heartbeat, beat_at_, now);
  if (!message) return;
  beat_at_ = now;
  messenger_->Start(*message);
}

void Plane::Stop(supervisor::Watch::AtEnd at_end) {
  const std::lock_guard lock(mutex_);
  if (budgets_ != nullptr) budgets_->Keep(world_.clock.Now(), ErrorBudgets::When::kNow);
  jobs_.reset();
  controller_.reset();
  runner_.reset();
  collector_.reset();
  messenger_.reset();
  if (watch_ != nullptr) watch_->Stop(at_end);
}

}  // namespace vigia::control
