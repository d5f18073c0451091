// Keeps one service: observe, decide, store, act; one step after the other.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/log.h"
#include "net/http_client.h"
#include "supervisor/driver.h"
#include "supervisor/supervisor.h"

namespace vigia::supervisor {

// All outlive what is made with them.
struct KeeperWorld {
  Files& files;
  Processes& processes;
  net::HttpClient& http;
  const Clock& clock;
  Log& log;
  std::string home;
};

// Files of a service below <home>/run: <service>.state.json, and <service>.request.json, which asks the
// one who keeps it for something. Only the holder of the lock run/<service>.lock may Step.
std::string StatePath(const std::string& home, const std::string& service);
std::string RequestPath(const std::string& home, const std::string& service);
std::string LockPath(const std::string& home, const std::string& service);

// The newest request of somebody; kNotFound without one.
struct Asked {
  std::string id;  // of the asker's choice, unique
  Request request = Request::kNone;
};
Status Ask(Files& files, const std::string& home, const std::string& service, const Asked& asked);
Result<Asked> ReadAsked(const Files& files, const std::string& home, const std::string& service);
Result<ServiceState> ReadState(const Files& files, const std::string& home, const std::string& service);

// What health_url and ready_url say of one replica.
struct Health {
  bool healthy = false;
  bool ready = false;
};
Health ProbeHealth(const ServiceSpec& spec, int replica, net::HttpClient& http);

// Step from one thread; State from any.
class Keeper {
 public:
  enum class Leave { kRunning, kStopped };

  // Takes up the stored state; one that cannot be read is begun anew, for processes are found again anyway.
  Keeper(ServiceSpec spec, const KeeperWorld& world);

  // Blocks for the driver's commands and the health probes. An error: the state could not be stored,
  // and nothing was done.
  Status Step();
  // Drains the service, unless another manager runs it; `wanted` stays as it is, for the next start.
  // To be called until true.
  Result<bool> StepToStop();

  const ServiceSpec& spec() const { return spec_; }
  ServiceState State() const;

 private:
  std::vector<Observation> Observe(const ServiceSpec& spec, bool probe);
  Status Go(const ServiceSpec& spec, const std::vector<Observation>& seen, const Asked& asked);
  void Carry(const ServiceSpec& spec, const Effect& effect);
  Status Store(const ServiceState& state);
  void Tell(const Effect& effect);

  const ServiceSpec spec_;
  const KeeperWorld world_;
  const std::unique_ptr<Driver> driver_;
  MonoTime next_probe_{};
  std::string stored_;  // text of the newest stored state

  mutable std::mutex mutex_;
  ServiceState state_;  // guarded by mutex_; written by Step only
};

}  // namespace vigia::supervisor
