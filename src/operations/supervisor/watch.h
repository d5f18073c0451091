// All services of a home, each kept by a thread of its own. Part of the control plane.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "signals/signal.h"
#include "supervisor/keeper.h"

namespace vigia::supervisor {

// Thread-safe.
class Watch {
 public:
  // What to do with the services at the end. To die without it (kill -9) leaves them running, too.
  enum class AtEnd { kLeaveServices, kDrainServices };

  // Takes the lock of every service. kUnavailable: somebody else keeps one of them (a command that is
  // restarting it, or another control plane); the message names it.
  static Result<std::unique_ptr<Watch>> Start(const std::vector<ServiceSpec>& specs, const KeeperWorld& world);
  ~Watch();  // leaves the services running

  std::vector<ServiceState> States() const;
  std::vector<ServiceSpec> Limited() const;  // the services with a limit
  const KeeperWorld& world() const { return world_; }
  void Stop(AtEnd at_end);

 private:
  struct Kept {
    std::unique_ptr<FileLock> lock;
    std::unique_ptr<Keeper> keeper;
    std::thread thread;
  };
  explicit Watch(const KeeperWorld& world) : world_(world) {}
  void Run(Keeper& keeper);
  bool Pause();  // true: it is time to end

  const KeeperWorld world_;
  std::vector<Kept> kept_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;                   // guarded by mutex_
  AtEnd at_end_ = AtEnd::kLeaveServices;  // guarded by mutex_
};

// What the watch knows, as signals, every second: service_up, service_gave_up and service_restarts (in
// the budget window) with {service, replica}, service_wanted with {service}. Of services with limits, as a share of
// the limit: service_memory_used_ratio; service_cpu_used_ratio, and service_cpu_wanted_ratio with what it waited for.
std::unique_ptr<signals::SignalSource> MakeWatchSource(const Watch& watch);

}  // namespace vigia::supervisor
