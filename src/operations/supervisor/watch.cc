#include "supervisor/watch.h"

#include "base/locked.h"

namespace vigia::supervisor {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(100);

class WatchSource final : public signals::SignalSource {
 public:
  explicit WatchSource(const Watch& watch) : watch_(watch) {}
  const std::string& name() const override { return name_; }
  Duration every() const override { return std::chrono::seconds(1); }

  std::vector<signals::Sample> Collect(WallTime now) override {
    std::vector<signals::Sample> samples;
    for (const ServiceState& state : watch_.States()) {
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
  const Watch& watch_;
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
