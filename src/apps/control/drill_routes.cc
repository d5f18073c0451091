#include "control/drill_routes.h"

#include "control/audit_trail.h"
#include "control/job_view.h"

namespace vigia::control {
namespace {

// Each with its last run, {id, state, started_at}.
Json Offers(const Drills& drills) {
  Json items = drills.offers();
  const std::vector<DrillRecord> recent = drills.Recent();
  for (Json& item : items) {
    item["last"] = nullptr;
    for (const DrillRecord& record : recent) {
      if (item["name"] != record.drill) continue;
      const Json view = ToJson(record);
      item["last"] = {{"id", record.id}, {"state", view["state"]}, {"started_at", view["started_at"]}};
      break;
    }
  }
  return items;
}

Json Runs(const Drills& drills) {
  Json items = Json::array();
  for (const DrillRecord& record : drills.Recent()) {
    Json item = ToJson(record);
    item["progress"] = ProgressJson(drills.ProgressOf(record.id));
    items.push_back(std::move(item));
  }
  return items;
}

Result<Json> Show(const Drills& drills, const std::string& id) {
  Json view = TRY(drills.Show(id));
  view["progress"] = ProgressJson(drills.ProgressOf(id));
  return view;
}

Result<Json> Start(const Plane& plane, Drills& drills, const Call& call) {
  const std::string id = TRY(drills.Start(call.path[0], call.actor.name));
  Audit(plane, call, "drill.run", {{"drill", call.path[0]}, {"run", id}});
  return Show(drills, id);
}

Result<Json> Stop(const Plane& plane, Drills& drills, const Call& call) {
  TRY(drills.Stop(call.path[0], call.actor.name));
  Audit(plane, call, "drill.stop", {{"run", call.path[0]}});
  return Show(drills, call.path[0]);
}

}  // namespace

void AddDrillRoutes(Router& router, Plane& plane, Drills& drills) {
  router.Get("/api/v1/drills", {}, [&drills](Call&) -> Result<Json> { return ListOf(Offers(drills)); });
  router.Post("/api/v1/drills/{name}/run", Role::kOperator, {},
              [&plane, &drills](Call& call) { return Start(plane, drills, call); });
  router.Get("/api/v1/drill-runs", {}, [&drills](Call&) -> Result<Json> { return ListOf(Runs(drills)); });
  router.Get("/api/v1/drill-runs/{id}", {}, [&drills](Call& call) { return Show(drills, call.path[0]); });
  router.Post("/api/v1/drill-runs/{id}/stop", Role::kOperator, {},
              [&plane, &drills](Call& call) { return Stop(plane, drills, call); });
}

}  // namespace vigia::control
