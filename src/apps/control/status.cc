#include "control/status.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "control/service_signals.h"
#include "control/views.h"

namespace vigia::control {
namespace {

using supervisor::ReplicaState;

constexpr Duration kModelWindow = std::chrono::seconds(30);

Json NumberOrNull(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

// Of the errors that the objective allows over its period, with what was counted.
Json BudgetJson(const std::optional<Spent>& spent) {
  if (!spent) return nullptr;
  return {{"period_days", kBudgetPeriod / std::chrono::hours(24)},
          {"since", FormatTime(spent->since)},
          {"requests", spent->requests},
          {"failed", spent->failed}};
}

void AddTraffic(const Plane& plane, Plane::Locked& locked, const std::string& service, WallTime now, Json& json) {
  const auto read = [&](const char* signal) { return NumberOrNull(ReadServiceSignal(locked, service, signal, now)); };
  json["rate"] = read("request_rate");
  for (const char* name : {"error_ratio", "p50_ms", "p95_ms", "p99_ms"}) json[name] = read(name);
  const Json target = read("p95_target_ms"), allowed = read("error_target");
  json["slo"] = nullptr;
  if (target.is_null() || allowed.is_null()) return;
  const auto spent = plane.budgets().Of(service, now);
  json["slo"] = {{"p95_target_ms", target},
                 {"error_target", allowed},
                 {"budget_left", spent ? NumberOrNull(spent->Left(allowed.get<double>())) : Json(nullptr)},
                 {"budget", BudgetJson(spent)}};
}

// The version that the service says it serves.
Json ModelOf(const Plane::Locked& locked, const std::string& service, WallTime now) {
  auto matcher = signals::Matcher::Make("service", signals::Matcher::Op::kEqual, service);
  CHECK(matcher.ok(), "an equality matcher");
  const auto found = locked.series.Points("api_model_info", {*matcher}, now - kModelWindow, now);
  if (found.empty()) return nullptr;
  const auto newest = std::max_element(
      found.begin(), found.end(), [](const auto& a, const auto& b) { return a.points.back().at < b.points.back().at; });
  Json model = {{"version", newest->labels.Get("version")}, {"threshold", nullptr}};
  const auto threshold = locked.series.Points("model_threshold", {*matcher}, now - kModelWindow, now);
  if (!threshold.empty()) model["threshold"] = threshold.front().points.back().value;
  return model;
}

bool All(const supervisor::ServiceState& state, ReplicaState wanted) {
  return std::all_of(state.replicas.begin(), state.replicas.end(),
                     [wanted](const auto& replica) { return replica.state == wanted; });
}
bool Any(const supervisor::ServiceState& state, ReplicaState wanted) {
  return std::any_of(state.replicas.begin(), state.replicas.end(),
                     [wanted](const auto& replica) { return replica.state == wanted; });
}

std::string Condition(const supervisor::ServiceState& state, std::optional<double> ready) {
  if (state.replicas.empty()) return "unknown";
  if (Any(state, ReplicaState::kGaveUp)) return "given_up";
  if (!state.wanted || All(state, ReplicaState::kStopped)) return "stopped";
  if (Any(state, ReplicaState::kUnhealthy) || Any(state, ReplicaState::kBackoff)) return "unhealthy";
  if (Any(state, ReplicaState::kStarting) || Any(state, ReplicaState::kDraining)) return "starting";
  return ready && *ready < 1 ? "not_ready" : "healthy";
}

Json ReplicasOf(const supervisor::ServiceState& state) {
  Json replicas = Json::array();
  for (const supervisor::Replica& replica : state.replicas) {
    replicas.push_back({{"replica", replica.index},
                        {"state", supervisor::ReplicaStateName(replica.state)},
                        {"pid", replica.process ? Json(replica.process->pid) : Json(nullptr)},
                        {"since", FormatTime(replica.since)},
                        {"restarts", replica.restarts.size()},
                        {"reason", TextOrNull(replica.reason)}});
  }
  return replicas;
}

std::string ReasonOf(const supervisor::ServiceState& state) {
  for (const supervisor::Replica& replica : state.replicas) {
    if (replica.state != ReplicaState::kRunning && !replica.reason.empty()) return replica.reason;
  }
  return "";
}

Json ServiceJson(const Plane& plane, const supervisor::ServiceSpec& spec, const supervisor::ServiceState& state,
                 Plane::Locked& locked, WallTime now) {
  std::string condition = Condition(state, ReadServiceSignal(locked, spec.name, "ready", now));
  // The supervisor needs several probes to be sure; what the newest one says comes first.
  const auto health = ReadServiceSignal(locked, spec.name, "health", now);
  if ((condition == "healthy" || condition == "not_ready") && health && *health < 1) condition = "unhealthy";
  const std::string url = spec.Expand(spec.health_url, 0);
  const size_t path = url.find('/', url.find("://") == std::string::npos ? 0 : url.find("://") + 3);
  Json json = {{"name", spec.name},
               {"managed_by", supervisor::ManagedByName(spec.managed_by)},
               {"wanted", state.wanted},
               {"state", condition},
               {"reason", TextOrNull(ReasonOf(state))},
               {"port", spec.port != 0 ? Json(spec.port) : Json(nullptr)},
               {"url", TextOrNull(url.substr(0, path))},
               {"replicas", ReplicasOf(state)},
               {"model", ModelOf(locked, spec.name, now)}};
  AddTraffic(plane, locked, spec.name, now, json);
  return json;
}

Json SeverityCounts(const std::vector<incidents::Incident>& open) {
  Json counts = {{"open", open.size()}, {"p1", 0}, {"p2", 0}, {"p3", 0}, {"p4", 0}};
  for (const incidents::Incident& incident : open) {
    int64_t& count = counts["p" + std::to_string(static_cast<int>(incident.severity))].get_ref<int64_t&>();
    ++count;
  }
  return counts;
}

Json AlertCounts(const std::vector<checks::Alert>& alerts) {
  int64_t firing = 0, pending = 0, unknown = 0;
  for (const checks::Alert& alert : alerts) {
    firing += alert.state == checks::AlertState::kFiring ? 1 : 0;
    pending += alert.state == checks::AlertState::kPending ? 1 : 0;
    unknown += alert.unknown ? 1 : 0;
  }
  return {{"firing", firing}, {"pending", pending}, {"unknown", unknown}};
}

}  // namespace

Json ServicesJson(Plane& plane) {
  const std::vector<supervisor::ServiceState> states = plane.watch().States();
  Json services = Json::array();
  Plane::Locked locked = plane.Lock();
  const WallTime now = locked.controller.Now();
  for (const supervisor::ServiceSpec& spec : plane.configuration().services) {
    const auto state =
        std::find_if(states.begin(), states.end(), [&](const auto& one) { return one.service == spec.name; });
    if (state != states.end()) services.push_back(ServiceJson(plane, spec, *state, locked, now));
  }
  return services;
}

Json OnCallNow(const Plane& plane) {
  Json now = Json::array();
  const WallTime at = plane.world().clock.Now();
  const escalation::Directory& directory = plane.people().directory();
  for (const auto& [name, policy] : directory.policies) {
    if (policy.levels.empty()) continue;
    std::set<std::string> people;
    for (const escalation::Recipient& recipient : policy.levels.front().notify) {
      for (std::string& person : escalation::PeopleOf(directory, recipient, at)) people.insert(std::move(person));
    }
    now.push_back({{"policy", name}, {"level", policy.levels.front().name}, {"people", people}});
  }
  return now;
}

Json StatusJson(Plane& plane) {
  Json services = ServicesJson(plane);
  Json on_call = OnCallNow(plane);
  Plane::Locked locked = plane.Lock();
  const std::vector<incidents::Incident> open = locked.controller.OpenIncidents();
  std::vector<checks::Alert> alerts = locked.controller.ActiveAlerts();
  for (const alerting::AlertView& view : locked.controller.FiringAlerts()) {
    if (!view.alert.source.empty()) alerts.push_back(view.alert);
  }
  const std::vector<runbooks::Run> runs = locked.controller.ActiveRuns();
  std::set<std::string> failing;
  for (const checks::Alert& alert : alerts) {
    if (alert.state == checks::AlertState::kFiring && alert.source.empty()) failing.insert(alert.check);
  }
  const auto waiting = std::count_if(runs.begin(), runs.end(), [](const auto& run) { return run.waiting.has_value(); });
  const bool healthy = std::all_of(services.begin(), services.end(), [](const Json& service) {
    return service["state"] == "healthy" || service["wanted"] == false;
  });
  return {{"product", "vigia"},
          {"version", VIGIA_VERSION},
          {"now", FormatTime(locked.controller.Now())},
          {"started_at", FormatTime(plane.started_at())},
          {"owner", plane.owner()},
          {"read_only", false},
          {"sound", open.empty() && failing.empty() && healthy},
          {"incidents", SeverityCounts(open)},
          {"alerts", AlertCounts(alerts)},
          {"checks", {{"total", locked.controller.Checks().checks().size()}, {"failing", failing.size()}}},
          {"runs", {{"active", runs.size()}, {"waiting_approval", waiting}}},
          {"on_call", std::move(on_call)},
          {"services", std::move(services)},
          {"signals",
           {{"series", locked.series.series()},
            {"samples", locked.series.samples()},
            {"dropped", locked.series.dropped()},
            {"hanging", locked.collector.hanging()}}}};
}

}  // namespace vigia::control
