// Keeps services running. Pure decisions about one replica at a time; a Driver does them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace vigia::supervisor {

enum class ManagedBy { kVigia, kSystemd, kDocker, kKubernetes };

struct ServiceSpec {
  std::string name;
  ManagedBy managed_by = ManagedBy::kVigia;
  std::vector<std::string> command;  // kVigia: argument list
  std::string unit;                  // kSystemd unit, kDocker container, kKubernetes deployment
  std::vector<std::pair<std::string, std::string>> environment;
  std::string directory;
  std::string health_url;  // empty: a running process is healthy
  int replicas = 1;
  Duration health_every = std::chrono::seconds(1);
  Duration health_timeout = std::chrono::seconds(2);
  int unhealthy_after = 3;  // probes in a row
  Duration start_grace = std::chrono::seconds(10);
  Duration drain = std::chrono::seconds(10);  // between TERM and KILL
  Duration backoff_first = std::chrono::seconds(1);
  Duration backoff_longest = std::chrono::minutes(1);
  int budget = 5;                                     // automatic restarts …
  Duration budget_window = std::chrono::minutes(10);  // … in so long; then it is left to runbooks and people
};

// What identifies a process across our own restarts.
struct ProcessIdentity {
  int pid = 0;
  uint64_t start_ticks = 0;  // since boot, of /proc/<pid>/stat: a reused pid differs
  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

enum class ReplicaState { kStopped, kStarting, kRunning, kUnhealthy, kDraining, kBackoff, kGaveUp };

struct Replica {
  int index = 0;
  ReplicaState state = ReplicaState::kStopped;
  std::optional<ProcessIdentity> process;
  WallTime since{};
  int failed_probes = 0;
  std::vector<WallTime> restarts;  // within the budget window
  WallTime not_before{};           // of kBackoff
};

struct ServiceState {
  std::string service;
  bool wanted = true;  // started by us, or stopped by a person
  std::vector<Replica> replicas;
  std::optional<int> rolling;  // the replica whose turn it is in a rolling restart

  Json ToJson() const;
  static Result<ServiceState> FromJson(const Json& json);
};

struct Observation {
  int replica = 0;
  bool alive = false;
  std::optional<ProcessIdentity> process;
  std::optional<bool> healthy;  // no answer yet: nullopt
};

enum class Request { kNone, kStart, kStop, kRestart };  // restart: rolling

struct Effect {
  enum class Kind { kStart, kTerminate, kKill, kGaveUp };
  Kind kind = Kind::kStart;
  int replica = 0;
  std::string reason;
};

struct Decision {
  ServiceState state;
  std::vector<Effect> effects;
};

// Pure. The state is stored before the effects are carried out.
Decision Decide(const ServiceSpec& spec, ServiceState state, const std::vector<Observation>& observations,
                Request request, WallTime now);

// How it is done: vigia (child processes), systemd, docker, kubernetes (their command lines).
// Blocks for at most its own timeouts. Thread-safe.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual Result<ProcessIdentity> Start(const ServiceSpec& spec, int replica) = 0;
  virtual Status Terminate(const ServiceSpec& spec, const Replica& replica) = 0;
  virtual Status Kill(const ServiceSpec& spec, const Replica& replica) = 0;
  // Also finds what an earlier life of ours started.
  virtual Observation Observe(const ServiceSpec& spec, const Replica& replica) = 0;
};

}  // namespace vigia::supervisor
