// Keeps services running: what a service is, its state, and the pure decision about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace vigia::supervisor {

enum class ManagedBy { kVigia, kSystemd, kDocker, kKubernetes };
std::string_view ManagedByName(ManagedBy manager);

// In command, environment, unit and the URLs, {replica} becomes the replica's number (from 0) and
// {port} becomes port + replica.
struct ServiceSpec {
  std::string name;  // letters, digits, - and _
  ManagedBy managed_by = ManagedBy::kVigia;
  std::vector<std::string> command;  // kVigia: argument list
  std::string unit;                  // kSystemd unit, kDocker container, kKubernetes deployment
  std::string kubernetes_namespace;  // kKubernetes; empty: kubectl's default
  std::vector<std::pair<std::string, std::string>> environment;
  std::string directory;   // kVigia: where it works; empty: the home's folder
  std::string health_url;  // status 200: alive and well; empty: a running process is healthy
  std::string ready_url;   // status 200: may take traffic; empty: health_url
  int port = 0;
  int replicas = 1;  // kKubernetes: what it is scaled to
  // Limits of each replica, of kVigia; 0: none. It may run on so many processors; above the memory it is ended, and
  // started again as one that ended by itself.
  int processors = 0;
  int first_processor = 0;  // of replica 0: services take theirs one after the other
  int64_t memory_megabytes = 0;
  Duration health_every = std::chrono::seconds(1);
  Duration health_timeout = std::chrono::seconds(2);
  int unhealthy_after = 3;  // probes in a row
  Duration start_grace = std::chrono::seconds(10);
  Duration drain = std::chrono::seconds(10);  // between TERM and KILL
  Duration backoff_first = std::chrono::seconds(1);
  Duration backoff_longest = std::chrono::minutes(1);
  int budget = 5;  // automatic restarts (0: none, a manager of its own does that) …
  Duration budget_window = std::chrono::minutes(10);  // … in so long; then it is left to runbooks and people

  // What is watched one by one: kubectl looks after the pods of a deployment.
  int Watched() const { return managed_by == ManagedBy::kKubernetes ? 1 : replicas; }
  // With {replica} and {port} filled in.
  std::string Expand(std::string_view text, int replica) const;
};

// What identifies a process across our own restarts.
struct ProcessIdentity {
  int pid = 0;
  uint64_t start_ticks = 0;  // since boot, of /proc/<pid>/stat: a reused pid differs
  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

enum class ReplicaState { kStopped, kStarting, kRunning, kUnhealthy, kDraining, kBackoff, kGaveUp };
std::string_view ReplicaStateName(ReplicaState state);

struct Replica {
  int index = 0;
  ReplicaState state = ReplicaState::kStopped;
  std::optional<ProcessIdentity> process;
  WallTime since{};
  int failed_probes = 0;
  std::vector<WallTime> restarts;  // within the budget window
  WallTime not_before{};           // of kBackoff
  bool restart_asked = false;      // its turn in a rolling restart will come
  std::string reason;              // why it is in this state, one line
};

struct ServiceState {
  std::string service;
  bool wanted = true;  // started by us, or stopped by a person
  std::vector<Replica> replicas;
  std::optional<int> rolling;  // the replica whose turn it is in a rolling restart
  std::string handled;         // id of the newest request that was taken up

  // Nothing is under way: no start, no drain, no turn of a rolling restart.
  bool Settled() const;
  Json ToJson() const;
  static Result<ServiceState> FromJson(const Json& json);
};

struct Observation {
  int replica = 0;
  bool alive = false;
  std::optional<ProcessIdentity> process;
  std::optional<bool> healthy;  // not probed this time: nullopt
  std::optional<bool> ready;
  std::optional<uint64_t> resident_bytes;  // of a service whose memory is limited
};

enum class Request { kNone, kStart, kStop, kRestart };  // restart: rolling

struct Effect {
  enum class Kind { kStart, kRestart, kTerminate, kKill, kGaveUp };
  Kind kind = Kind::kStart;
  int replica = 0;
  std::string reason;
};

struct Decision {
  ServiceState state;
  std::vector<Effect> effects;
};

// Pure. The state is stored before the effects are carried out.
//   stopped -> starting -> running -> unhealthy -> draining -> backoff -> starting …
// A process that ended, failed its probes or took more memory than it may is restarted after a pause that doubles,
// until the budget is spent: then kGaveUp is said once and nothing more is done until a request, or until it is
// healthy. A rolling restart takes one replica at a time, the ones that do not run first, and stops at the first that
// does not come back ready. What runs already is adopted.
Decision Decide(const ServiceSpec& spec, ServiceState state, const std::vector<Observation>& observations,
                Request request, WallTime now);

}  // namespace vigia::supervisor
