// Names, JSON and placeholders of supervisor.h.
#include <algorithm>
#include <array>

#include "supervisor/supervisor.h"

namespace vigia::supervisor {
namespace {

// Stored: never rename.
constexpr std::array<std::string_view, 7> kStates = {"stopped",  "starting", "running", "unhealthy",
                                                     "draining", "backoff",  "gave_up"};
constexpr std::array<std::string_view, 4> kManagers = {"vigia", "systemd", "docker", "kubernetes"};

void ReplaceAll(std::string& text, std::string_view what, const std::string& with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

Json ReplicaToJson(const Replica& replica) {
  Json json = {{"index", replica.index},
               {"state", ReplicaStateName(replica.state)},
               {"since", FormatTime(replica.since)},
               {"failed_probes", replica.failed_probes},
               {"not_before", FormatTime(replica.not_before)},
               {"restart_asked", replica.restart_asked},
               {"reason", replica.reason}};
  if (replica.process) json["process"] = {{"pid", replica.process->pid}, {"start_ticks", replica.process->start_ticks}};
  json["restarts"] = Json::array();
  for (const WallTime time : replica.restarts) json["restarts"].push_back(FormatTime(time));
  return json;
}

Result<WallTime> GetTime(const Json& json, const std::string& key) { return ParseTime(TRY(GetString(json, key))); }

Result<Replica> ReplicaFromJson(const Json& json) {
  Replica replica;
  replica.index = static_cast<int>(TRY(GetInteger(json, "index")));
  const std::string name = TRY(GetString(json, "state"));
  const auto* found = std::find(kStates.begin(), kStates.end(), name);
  if (found == kStates.end()) return Error(Code::kDataLoss, "a replica has an unknown state");
  replica.state = static_cast<ReplicaState>(found - kStates.begin());
  replica.since = TRY(GetTime(json, "since"));
  replica.failed_probes = static_cast<int>(TRY(GetInteger(json, "failed_probes")));
  replica.not_before = TRY(GetTime(json, "not_before"));
  replica.restart_asked = TRY(GetBool(json, "restart_asked"));
  replica.reason = TRY(GetString(json, "reason"));
  if (json.contains("process")) {
    const Json* process = TRY(GetObject(json, "process"));
    const int64_t pid = TRY(GetInteger(*process, "pid"));
    const int64_t start = TRY(GetInteger(*process, "start_ticks"));
    replica.process = ProcessIdentity{static_cast<int>(pid), static_cast<uint64_t>(start)};
  }
  for (const Json& time : *TRY(GetArray(json, "restarts"))) {
    if (!time.is_string()) return Error(Code::kDataLoss, "a replica's restart has no time");
    replica.restarts.push_back(TRY(ParseTime(time.get<std::string>())));
  }
  return replica;
}

}  // namespace

std::string_view ReplicaStateName(ReplicaState state) { return kStates[static_cast<size_t>(state)]; }
std::string_view ManagedByName(ManagedBy manager) { return kManagers[static_cast<size_t>(manager)]; }

std::string ServiceSpec::Expand(std::string_view text, int replica) const {
  std::string expanded(text);
  ReplaceAll(expanded, "{replica}", std::to_string(replica));
  ReplaceAll(expanded, "{port}", std::to_string(port + replica));
  return expanded;
}

bool ServiceState::Settled() const {
  return !rolling && std::all_of(replicas.begin(), replicas.end(), [this](const Replica& replica) {
    if (replica.restart_asked) return false;
    switch (replica.state) {
      case ReplicaState::kStopped: return !wanted;
      case ReplicaState::kRunning:
      case ReplicaState::kUnhealthy: return wanted;
      case ReplicaState::kGaveUp: return true;
      default: return false;
    }
  });
}

Json ServiceState::ToJson() const {
  Json json = {{"service", service}, {"wanted", wanted}, {"handled", handled}, {"replicas", Json::array()}};
  if (rolling) json["rolling"] = *rolling;
  for (const Replica& replica : replicas) json["replicas"].push_back(ReplicaToJson(replica));
  return json;
}

Result<ServiceState> ServiceState::FromJson(const Json& json) {
  ServiceState state;
  state.service = TRY(GetString(json, "service"));
  state.wanted = TRY(GetBool(json, "wanted"));
  state.handled = TRY(GetString(json, "handled"));
  if (json.contains("rolling")) state.rolling = static_cast<int>(TRY(GetInteger(json, "rolling")));
  for (const Json& replica : *TRY(GetArray(json, "replicas"))) state.replicas.push_back(TRY(ReplicaFromJson(replica)));
  return state;
}

}  // namespace vigia::supervisor
