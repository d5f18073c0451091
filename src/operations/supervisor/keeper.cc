#include "supervisor/keeper.h"

#include <algorithm>
#include <array>

#include "supervisor/use.h"

namespace vigia::supervisor {
namespace {

constexpr std::array<std::pair<std::string_view, Request>, 3> kRequests = {
    {{"start", Request::kStart}, {"stop", Request::kStop}, {"restart", Request::kRestart}}};

std::string RunPath(const std::string& home, const std::string& service, std::string_view ending) {
  return JoinPath(home, "run/" + service + std::string(ending));
}

bool Answers(const std::string& url, Duration timeout, net::HttpClient& http) {
  net::HttpRequest request;
  request.url = url;
  request.timeout = timeout;
  const auto response = http.Send(request);
  return response.ok() && response->status == 200;
}

}  // namespace

std::string StatePath(const std::string& home, const std::string& service) {
  return RunPath(home, service, ".state.json");
}
std::string RequestPath(const std::string& home, const std::string& service) {
  return RunPath(home, service, ".request.json");
}
std::string LockPath(const std::string& home, const std::string& service) { return RunPath(home, service, ".lock"); }

Status Ask(Files& files, const std::string& home, const std::string& service, const Asked& asked) {
  for (const auto& [name, request] : kRequests) {
    if (request != asked.request) continue;
    return files.Write(RequestPath(home, service), PrettyJson({{"id", asked.id}, {"request", name}}));
  }
  return Error(Code::kInvalidArgument, "there is nothing to ask for");
}

Result<Asked> ReadAsked(const Files& files, const std::string& home, const std::string& service) {
  const Json json = TRY(ParseJson(TRY(files.Read(RequestPath(home, service)))));
  Asked asked;
  asked.id = TRY(GetString(json, "id"));
  const std::string name = TRY(GetString(json, "request"));
  for (const auto& [known, request] : kRequests) {
    if (name == known) asked.request = request;
  }
  if (asked.request == Request::kNone) return Error(Code::kDataLoss, "an unknown request");
  return asked;
}

Result<ServiceState> ReadState(const Files& files, const std::string& home, const std::string& service) {
  return ServiceState::FromJson(TRY(ParseJson(TRY(files.Read(StatePath(home, service))))));
}

Health ProbeHealth(const ServiceSpec& spec, int replica, net::HttpClient& http) {
  Health health;
  const std::string health_url = spec.Expand(spec.health_url, replica);
  const std::string ready_url = spec.Expand(spec.ready_url, replica);
  health.healthy = health_url.empty() || Answers(health_url, spec.health_timeout, http);
  health.ready = health.healthy && (ready_url.empty() || Answers(ready_url, spec.health_timeout, http));
  return health;
}

Keeper::Keeper(ServiceSpec spec, const KeeperWorld& world)
    : spec_(std::move(spec)),
      world_(world),
      driver_(MakeDriver(spec_.managed_by, world.home, world.files, world.processes)) {
  const auto stored = ReadState(world_.files, world_.home, spec_.name);
  if (stored.ok()) {
    state_ = *stored;
  } else if (stored.error().code() != Code::kNotFound) {
    world_.log.Warning("the state of a service cannot be read and is begun anew",
                       {{"service", spec_.name}, {"reason", stored.error().message()}});
  }
  state_.service = spec_.name;
}

ServiceState Keeper::State() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

Status Keeper::Step() {
  Asked asked;
  const auto read = ReadAsked(world_.files, world_.home, spec_.name);
  const bool is_new = read.ok() && read->id != State().handled;
  if (is_new) asked = *read;
  const bool probe = world_.clock.Mono() >= next_probe_;
  if (probe) next_probe_ = world_.clock.Mono() + spec_.health_every;
  TRY(Go(spec_, Observe(spec_, probe), asked));
  const bool unreadable = !read.ok() && read.error().code() != Code::kNotFound;
  if (read.ok() || unreadable) {
    // Taken up, or of no use. Whether it goes away now or later does not matter: its id is stored.
    [[maybe_unused]] const Status removed = world_.files.Remove(RequestPath(world_.home, spec_.name));
  }
  return {};
}

Result<bool> Keeper::StepToStop() {
  if (spec_.managed_by != ManagedBy::kVigia) return true;
  ServiceSpec none = spec_;
  none.replicas = 0;  // what is there is then too much
  TRY(Go(none, Observe(none, false), Asked()));
  return State().replicas.empty();
}

std::vector<Observation> Keeper::Observe(const ServiceSpec& spec, bool probe) {
  std::vector<Observation> observations;
  std::vector<Replica> replicas = State().replicas;
  for (int index = 0; index < spec.Watched(); ++index) {
    const bool known =
        std::any_of(replicas.begin(), replicas.end(), [index](const Replica& r) { return r.index == index; });
    if (known) continue;
    Replica replica;
    replica.index = index;
    replicas.push_back(std::move(replica));
  }
  for (const Replica& replica : replicas) {
    auto seen = driver_->Observe(spec, replica);
    if (!seen.ok()) {
      world_.log.Warning("a service cannot be observed",
                         {{"service", spec.name}, {"replica", replica.index}, {"reason", seen.error().message()}});
      continue;
    }
    if (seen->alive && probe && (!seen->healthy || !spec.health_url.empty())) {
      const Health health = ProbeHealth(spec, replica.index, world_.http);
      seen->healthy = health.healthy;
      seen->ready = health.ready;
    }
    if (probe && spec.memory_megabytes > 0 && seen->process) {
      seen->resident_bytes = ResidentBytes(world_.files, seen->process->pid);
    }
    observations.push_back(*std::move(seen));
  }
  return observations;
}

Status Keeper::Go(const ServiceSpec& spec, const std::vector<Observation>& seen, const Asked& asked) {
  Decision decision = Decide(spec, State(), seen, asked.request, world_.clock.Now());
  if (!asked.id.empty()) decision.state.handled = asked.id;
  TRY(Store(decision.state));
  for (const Effect& effect : decision.effects) {
    Tell(effect);
    Carry(spec, effect);
  }
  return {};
}

Status Keeper::Store(const ServiceState& state) {
  const std::string text = PrettyJson(state.ToJson());
  if (text != stored_) {
    TRY(world_.files.Write(StatePath(world_.home, spec_.name), text));
    stored_ = text;
  }
  const std::lock_guard lock(mutex_);
  state_ = state;
  return {};
}

void Keeper::Tell(const Effect& effect) {
  constexpr std::array<std::string_view, 5> kWords = {"service starts", "service restarts", "service is terminated",
                                                      "service is killed", "service is given up"};
  const LogLevel level = effect.kind == Effect::Kind::kGaveUp ? LogLevel::kError : LogLevel::kInfo;
  world_.log.Write(level, kWords[static_cast<size_t>(effect.kind)],
                   {{"service", spec_.name}, {"replica", effect.replica}, {"reason", effect.reason}});
}

// What fails here is seen by the next observation, and decided about then.
void Keeper::Carry(const ServiceSpec& spec, const Effect& effect) {
  Replica replica;
  replica.index = effect.replica;
  const Status done = [&]() -> Status {
    switch (effect.kind) {
      case Effect::Kind::kStart: TRY(driver_->Start(spec, effect.replica)); return {};
      case Effect::Kind::kRestart: return driver_->Restart(spec, replica);
      case Effect::Kind::kTerminate: return driver_->Terminate(spec, replica);
      case Effect::Kind::kKill: return driver_->Kill(spec, replica);
      case Effect::Kind::kGaveUp: return {};
    }
    return {};
  }();
  if (done.ok()) return;
  world_.log.Error("a service could not be managed",
                   {{"service", spec.name}, {"replica", effect.replica}, {"reason", done.error().message()}});
}

}  // namespace vigia::supervisor
