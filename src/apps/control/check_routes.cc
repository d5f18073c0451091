#include "control/check_routes.h"

#include <algorithm>

#include "config/map_reader.h"
#include "control/views.h"

namespace vigia::control {
namespace {

constexpr int64_t kUsualAlerts = 200, kMostAlerts = 1'000;

// The worst of its alerts that are not inactive.
std::string StateOf(const std::vector<const checks::Alert*>& alerts) {
  std::string state = "ok";
  for (const checks::Alert* alert : alerts) {
    if (alert->state == checks::AlertState::kFiring) return "firing";
    if (alert->state == checks::AlertState::kPending) state = "pending";
    if (alert->unknown && state == "ok") state = "unknown";
  }
  return state;
}

// A page of them, in the order in which they are configured; the cursor is a position.
Result<Json> ChecksJson(Plane& plane, const Call& call) {
  const auto limit = static_cast<size_t>(TRY(call.Integer("limit", kUsualAlerts, 1, kMostAlerts)));
  const auto begin = static_cast<size_t>(TRY(call.Integer("after", 0, 0, INT32_MAX)));
  Json items = Json::array();
  const Plane::Locked locked = plane.Lock();
  const checks::CheckSet& set = locked.controller.Checks();
  const std::vector<checks::Alert> active = locked.controller.ActiveAlerts();
  std::map<std::string_view, std::vector<const checks::Alert*>> alerts;
  for (const checks::Alert& alert : active) alerts[alert.check].push_back(&alert);
  std::map<std::string, std::string> sources;
  for (const auto& runbook : locked.controller.Runbooks()) {
    for (const checks::Check& check : runbook->checks) sources.emplace(check.name, "runbook " + runbook->name);
  }
  const size_t end = std::min(begin + limit, set.checks().size());
  for (size_t i = begin; i < end; ++i) {
    const checks::Check& check = set.checks()[i];
    const checks::Health health = set.HealthOf(check.name, {});
    const auto summary = check.annotations.find("summary");
    const auto source = sources.find(check.name);
    items.push_back({{"name", check.name},
                     {"severity", checks::SeverityName(check.severity)},
                     {"every", SecondsOf(check.every)},
                     {"for", SecondsOf(check.hold)},
                     {"state", StateOf(alerts[check.name])},
                     {"instances", health.total},
                     {"firing", health.firing},
                     {"summary", summary != check.annotations.end() ? Json(summary->second) : Json(nullptr)},
                     {"source", source != sources.end() ? source->second : "vigia.yaml"}});
  }
  return ListOf(std::move(items), end < set.checks().size() ? Json(std::to_string(end)) : Json(nullptr));
}

Json ItemOf(const alerting::AlertView& view) {
  Json item = ViewOf(view.alert);
  Json annotations = Json::object();
  for (const auto& [name, text] : view.alert.annotations) annotations[name] = text;
  item["annotations"] = std::move(annotations);
  Json silenced_by = view.suppression.silenced_by;
  for (const std::string& window : view.suppression.windows) silenced_by.push_back("window:" + window);
  item["silenced_by"] = std::move(silenced_by);
  item["inhibited_by"] = view.suppression.inhibited_by;
  item["incident"] = TextOrNull(view.incident);
  return item;
}

// Ours and foreign ones that fire, then ours that are pending.
Json AlertsJson(Plane& plane) {
  const Plane::Locked locked = plane.Lock();
  Json items = Json::array();
  for (const alerting::AlertView& view : locked.controller.FiringAlerts()) items.push_back(ItemOf(view));
  for (const checks::Alert& alert : locked.controller.ActiveAlerts()) {
    if (alert.state != checks::AlertState::kPending) continue;
    alerting::AlertView view;
    view.alert = alert;
    if (const checks::Check* check = locked.controller.Checks().Find(alert.check)) {
      view.alert.annotations = check->annotations;
    }
    items.push_back(ItemOf(view));
  }
  return items;
}

}  // namespace

void AddCheckRoutes(Router& router, Plane& plane) {
  router.Get("/api/v1/checks", {"limit", "after"}, [&plane](Call& call) { return ChecksJson(plane, call); });
  router.Get("/api/v1/alerts", {}, [&plane](Call&) -> Result<Json> { return ListOf(AlertsJson(plane)); });
}

}  // namespace vigia::control
