#include "cli/service_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <thread>

#include "audit/audit.h"
#include "control/services.h"
#include "net/http_client.h"
#include "supervisor/keeper.h"

namespace vigia::cli {

namespace {

using supervisor::Keeper;
using supervisor::KeeperWorld;
using supervisor::Replica;
using supervisor::ReplicaState;
using supervisor::Request;
using supervisor::ServiceSpec;
using supervisor::ServiceState;

constexpr auto kPause = std::chrono::milliseconds(50);

struct ServiceFlags {
  std::string service;
  double timeout_seconds = 0;  // 0: as long as the service may take
  std::string reason;
};

// What a keeper needs beside the context.
struct World {
  SystemProcesses processes;
  std::unique_ptr<net::HttpClient> http = net::MakeHttpClient();
  NoLog log;

  KeeperWorld For(Context& context) { return {context.files, processes, *http, context.clock, log, context.home}; }
};

Result<std::vector<ServiceSpec>> Specs(Context& context) {
  return control::LoadServiceSpecs(context.files, context.home, context.environment);
}

Result<ServiceSpec> Find(Context& context, const std::string& name) {
  std::string names;
  for (ServiceSpec& spec : TRY(Specs(context))) {
    if (spec.name == name) return std::move(spec);
    names += (names.empty() ? "" : ", ") + spec.name;
  }
  return Error(Code::kNotFound, "there is no service '" + name + "' (there are: " + names + ")");
}

// The stored state with what is true now: processes may have gone since.
struct Snapshot {
  ServiceState state;
  std::vector<bool> alive, healthy, ready;  // of each replica

  bool Good() const {
    const auto all = [](const std::vector<bool>& list) {
      return !list.empty() && std::all_of(list.begin(), list.end(), [](bool good) { return good; });
    };
    return all(alive) && all(healthy) && all(ready);
  }
  bool Stopped() const {
    return std::none_of(alive.begin(), alive.end(), [](bool lives) { return lives; });
  }
};

Result<Snapshot> Look(const ServiceSpec& spec, Context& context, World& world) {
  Snapshot snapshot;
  auto stored = supervisor::ReadState(context.files, context.home, spec.name);
  if (stored.ok()) snapshot.state = *std::move(stored);
  snapshot.state.service = spec.name;
  const auto driver = supervisor::MakeDriver(spec.managed_by, context.home, context.files, world.processes);
  std::vector<Replica>& replicas = snapshot.state.replicas;
  for (int index = static_cast<int>(replicas.size()); index < spec.Watched(); ++index) {
    Replica replica;
    replica.index = index;
    replicas.push_back(std::move(replica));
  }
  for (Replica& replica : replicas) {
    const supervisor::Observation seen = TRY(driver->Observe(spec, replica));
    supervisor::Health health;
    if (seen.alive) health = supervisor::ProbeHealth(spec, replica.index, *world.http);
    if (seen.healthy.has_value() && spec.health_url.empty()) health.healthy = health.ready = *seen.healthy;
    replica.process = seen.process;
    if (!seen.alive && replica.state == ReplicaState::kRunning) replica.reason.clear();  // of when it ran
    snapshot.alive.push_back(seen.alive);
    snapshot.healthy.push_back(health.healthy);
    snapshot.ready.push_back(health.ready);
  }
  return snapshot;
}

std::string Condition(const Snapshot& snapshot, size_t index) {
  if (!snapshot.alive[index]) {
    const bool gave_up = snapshot.state.replicas[index].state == ReplicaState::kGaveUp;
    return gave_up ? "given up" : "stopped";
  }
  if (!snapshot.healthy[index]) return "unhealthy";
  return snapshot.ready[index] ? "healthy" : "not ready";
}

Json ToJson(const ServiceSpec& spec, const Snapshot& snapshot) {
  Json replicas = Json::array();
  for (size_t i = 0; i < snapshot.alive.size(); ++i) {
    const Replica& replica = snapshot.state.replicas[i];
    Json one = {{"replica", replica.index},
                {"condition", Condition(snapshot, i)},
                {"state", supervisor::ReplicaStateName(replica.state)},
                {"pid", replica.process ? Json(replica.process->pid) : Json()},
                {"restarts", replica.restarts.size()},
                {"reason", replica.reason}};
    replicas.push_back(std::move(one));
  }
  return {{"service", spec.name},
          {"managed_by", supervisor::ManagedByName(spec.managed_by)},
          {"healthy", snapshot.Good()},
          {"wanted", snapshot.state.wanted},
          {"replicas", std::move(replicas)}};
}

void Print(const ServiceSpec& spec, const Snapshot& snapshot, Context& context) {
  for (size_t i = 0; i < snapshot.alive.size(); ++i) {
    const Replica& replica = snapshot.state.replicas[i];
    const std::string pid = replica.process ? std::to_string(replica.process->pid) : "-";
    context.out << fmt::format("{:<16} {:<11} {:<3} {:<10} {:<8} {}\n", spec.name,
                               supervisor::ManagedByName(spec.managed_by), replica.index, Condition(snapshot, i), pid,
                               replica.reason);
  }
}

Result<int> ListServices(Context& context) {
  World world;
  Json list = Json::array();
  for (const ServiceSpec& spec : TRY(Specs(context))) {
    const Snapshot snapshot = TRY(Look(spec, context, world));
    list.push_back(ToJson(spec, snapshot));
    if (!context.json()) Print(spec, snapshot, context);
  }
  if (context.json()) context.PrintJson(list);
  return 0;
}

Result<int> ShowStatus(const ServiceFlags& flags, Context& context) {
  World world;
  const ServiceSpec spec = TRY(Find(context, flags.service));
  const Snapshot snapshot = TRY(Look(spec, context, world));
  if (context.json()) {
    context.PrintJson(ToJson(spec, snapshot));
  } else {
    Print(spec, snapshot, context);
  }
  return snapshot.Good() ? 0 : 1;
}

// Asks whoever keeps the service, or keeps it until the request is carried out.
Status CarryOut(const ServiceSpec& spec, Request request, MonoTime deadline, Context& context, World& world) {
  const std::string id = RandomHex(context.entropy, 8);
  TRY(supervisor::Ask(context.files, context.home, spec.name, {id, request}));
  const auto done = [&](const ServiceState& state) { return state.handled == id && state.Settled(); };
  while (context.clock.Mono() < deadline) {
    const auto lock = context.files.Lock(supervisor::LockPath(context.home, spec.name));
    if (lock.ok()) {
      Keeper keeper(spec, world.For(context));
      while (context.clock.Mono() < deadline) {
        TRY(keeper.Step());
        if (done(keeper.State())) return {};
        std::this_thread::sleep_for(kPause);
      }
    } else if (lock.error().code() != Code::kUnavailable) {
      return lock.error();
    } else {
      const auto state = supervisor::ReadState(context.files, context.home, spec.name);
      if (state.ok() && done(*state)) return {};
      std::this_thread::sleep_for(kPause);
    }
  }
  return Error(Code::kDeadlineExceeded, "service '" + spec.name + "' took too long");
}

// Draining and starting each replica in turn, with its automatic restarts.
Duration Longest(const ServiceSpec& spec) {
  return (spec.drain + spec.start_grace) * (2 * spec.Watched()) + std::chrono::seconds(30);
}

std::string WhyNot(const ServiceSpec& spec, const Snapshot& snapshot) {
  std::string why = "service '" + spec.name + "' is not healthy:";
  for (size_t i = 0; i < snapshot.alive.size(); ++i) {
    if (snapshot.ready[i]) continue;
    const Replica& replica = snapshot.state.replicas[i];
    why += fmt::format(" replica {} is {}", replica.index, Condition(snapshot, i));
    if (!replica.reason.empty()) why += " (" + replica.reason + ")";
    why += ";";
  }
  why.pop_back();
  return why;
}

Result<int> Act(const ServiceFlags& flags, Request request, const std::string& action, Context& context) {
  World world;
  const ServiceSpec spec = TRY(Find(context, flags.service));
  const MonoTime started = context.clock.Mono();
  const auto seconds = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(flags.timeout_seconds));
  const MonoTime deadline = started + (flags.timeout_seconds > 0 ? seconds : Longest(spec));
  const Status carried = CarryOut(spec, request, deadline, context, world);
  const Snapshot snapshot = TRY(Look(spec, context, world));
  const bool good = request == Request::kStop ? snapshot.Stopped() : snapshot.Good();
  const double took = std::chrono::duration<double>(context.clock.Mono() - started).count();
  const Json details = {{"service", spec.name}, {"reason", flags.reason}, {"done", carried.ok() && good}};
  const Status written = audit::Append(context.files, context.Home("logs/audit.log"), context.clock.Now(),
                                       {"service." + action, audit::CurrentUser(context.environment), details});
  if (!written.ok()) context.err << "vigia: warning: " << written.error().message() << "\n";
  if (context.json()) {
    Json json = ToJson(spec, snapshot);
    json["action"] = action;
    json["seconds"] = took;
    context.PrintJson(json);
  }
  TRY(carried);
  if (!good) {
    if (request == Request::kStop) return Error(Code::kUnavailable, "service '" + spec.name + "' still runs");
    return Error(Code::kUnavailable, WhyNot(spec, snapshot));
  }
  if (!context.json()) {
    const char* state = request == Request::kStop ? "stopped" : "healthy";
    context.out << fmt::format("{}: {} after {:.1f} s\n", spec.name, state, took);
  }
  return 0;
}

}  // namespace

void AddServiceCommands(Commands& commands) {
  commands.Describe("service", "Start, stop and restart services; without a control plane, too");
  auto flags = std::make_shared<ServiceFlags>();
  commands.Add("service list", "Every service and its replicas", ListServices);
  const auto add = [&](const std::string& name, const std::string& description, Handler handler) {
    flags::Command command = commands.Add("service " + name, description, std::move(handler));
    command.Option("service", flags->service, "Name of the service").Required();
    return command;
  };
  add("status", "One service; exits with 0 only when it is healthy and ready",
      [flags](Context& context) { return ShowStatus(*flags, context); });
  const std::tuple<const char*, Request, const char*> actions[] = {
      {"start", Request::kStart, "Start it and wait until it is ready"},
      {"stop", Request::kStop, "Drain and stop it; it stays stopped until it is started"},
      {"restart", Request::kRestart, "Drain and start it anew, one replica at a time, and wait until it is ready"}};
  for (const auto& [name, request, description] : actions) {
    flags::Command command =
        add(name, description, [flags, request = request, action = std::string(name)](Context& context) {
          return Act(*flags, request, action, context);
        });
    command.Option("--timeout", flags->timeout_seconds, "Seconds to wait; by default what its settings allow")
        .NotNegative();
    command.Option("--reason", flags->reason, "Why, for the audit log");
  }
}

}  // namespace vigia::cli
