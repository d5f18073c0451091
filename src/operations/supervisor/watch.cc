#include "supervisor/watch.h"

#include "base/locked.h"
#include "supervisor/use.h"

namespace vigia::supervisor {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(100);

class WatchSource final : public signals::SignalSource {
 public:
  explicit WatchSource(const Watch& watch) : watch_(watch), limited_(watch.Limited()), meter_(watch.world().files) {}
  const std::string& name() const override { return name_; }
  Duration every() const override { return std::chrono::seconds(1); }

  std::vector<signals::Sample> Collect(WallTime now) override {
    std::vector<signals::Sample> samples;
    const std::vector<ServiceState> states = watch_.States();
    if (!limited_.empty()) AddUses(states, now, samples);
    for (const ServiceState& state : states) {
      signals::LabelSet labels{{"service", state.service}};
      samples.push_back({"service_wanted", labels, state.wanted ? 1.0 : 0.0, now});
      for (const Replica& replica : state.replicas) {
        labels.Set("replica", std::to_string(replica.index));
        samples.push_back({"service_up", labels, replica.state == ReplicaState::kRunning ? 1.0 : 0.0, now});
        samples.push_back({"service_gave_up", labels, replica.state == ReplicaState::kGaveUp ? 1.0 : 0.0, now});
        samples.push_back({"service_restarts", labels, static_cast<double>(replica.restarts.size()), now});
      }
    }
    return samples;
  }

 private:
  void AddUses(const std::vector<ServiceState>& states, WallTime now, std::vector<signals::Sample>& samples) {
    std::set<int> sessions;
    for (const ServiceState& state : states) {
      for (const Replica& replica : state.replicas) {
        if (replica.process) sessions.insert(replica.process->pid);  // the leader of its session
      }
    }
    const std::map<int, UseMeter::Use> uses = meter_.Look(sessions, watch_.world().clock.Mono());
    for (const ServiceSpec& spec : limited_) {
      for (const ServiceState& state : states) {
        if (state.service == spec.name) AddUse(spec, state, uses, now, samples);
      }
    }
  }
  static void AddUse(const ServiceSpec& spec, const ServiceState& state, const std::map<int, UseMeter::Use>& uses,
                     WallTime now, std::vector<signals::Sample>& samples) {
    for (const Replica& replica : state.replicas) {
      const auto found = replica.process ? uses.find(replica.process->pid) : uses.end();
      if (found == uses.end()) continue;
      const UseMeter::Use& use = found->second;
      const signals::LabelSet labels{{"service", spec.name}, {"replica", std::to_string(replica.index)}};
      const auto add = [&](const char* name, double value) { samples.push_back({name, labels, value, now}); };
      if (spec.memory_megabytes > 0) {
        const auto limit = static_cast<double>(spec.memory_megabytes << 20U);
        add("service_memory_used_ratio", static_cast<double>(use.resident_bytes) / limit);
      }
      if (spec.processors == 0 || !use.used) continue;
      add("service_cpu_used_ratio", *use.used / spec.processors);
      add("service_cpu_wanted_ratio", *use.wanted / spec.processors);
    }
  }

  const Watch& watch_;
  const std::vector<ServiceSpec> limited_;
  UseMeter meter_;
  const std::string name_ = "supervisor";
};

}  // namespace

Result<std::unique_ptr<Watch>> Watch::Start(const std::vector<ServiceSpec>& specs, const KeeperWorld& world) {
  std::unique_ptr<Watch> watch(new Watch(world));
  TRY(world.files.MakeFolders(JoinPath(world.home, "run")));
  for (const ServiceSpec& spec : specs) {
    Kept kept;
    kept.lock = TRY(LockOrBusy(world.files, LockPath(world.home, spec.name),
                               "service '" + spec.name + "' is kept by somebody else"));
    kept.keeper = std::make_unique<Keeper>(spec, world);
    watch->kept_.push_back(std::move(kept));
  }
  for (Kept& kept : watch->kept_) {
    kept.thread = std::thread([&watch = *watch, &keeper = *kept.keeper] { watch.Run(keeper); });
  }
  return watch;
}

Watch::~Watch() { Stop(AtEnd::kLeaveServices); }

std::vector<ServiceSpec> Watch::Limited() const {
  std::vector<ServiceSpec> specs;
  for (const Kept& kept : kept_) {
    const ServiceSpec& spec = kept.keeper->spec();
    if (spec.processors > 0 || spec.memory_megabytes > 0) specs.push_back(spec);
  }
  return specs;
}

std::vector<ServiceState> Watch::States() const {
  std::vector<ServiceState> states;
  for (const Kept& kept : kept_) states.push_back(kept.keeper->State());
  return states;
}

void Watch::Stop(AtEnd at_end) {
  {
    const std::lock_guard lock(mutex_);
    if (!ending_) at_end_ = at_end;
    ending_ = true;
  }
  changed_.notify_all();
  for (Kept& kept : kept_) {
    if (kept.thread.joinable()) kept.thread.join();
    kept.lock.reset();
  }
}

bool Watch::Pause() {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPause, [this] { return ending_; });
}

void Watch::Run(Keeper& keeper) {
  bool told = false;
  const auto tell = [&](const Status& step) {
    if (!step.ok() && !told) {
      world_.log.Error("the state of a service cannot be stored",
                       {{"service", keeper.spec().name}, {"reason", step.error().message()}});
    }
    told = !step.ok();
  };
  do {
    tell(keeper.Step());
  } while (!Pause());
  {
    const std::lock_guard lock(mutex_);
    if (at_end_ == AtEnd::kLeaveServices) return;
  }
  // Ends by itself: what does not end in time is killed. A disk that cannot be written ends it, too.
  const MonoTime limit = world_.clock.Mono() + keeper.spec().drain * 2 + std::chrono::seconds(10);
  while (world_.clock.Mono() < limit) {
    const auto stopped = keeper.StepToStop();
    tell(stopped.ok() ? Status() : Status(stopped.error()));
    if (!stopped.ok() || *stopped) return;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPause, [] { return false; });
  }
}

std::unique_ptr<signals::SignalSource> MakeWatchSource(const Watch& watch) {
  return std::make_unique<WatchSource>(watch);
}

}  // namespace vigia::supervisor
