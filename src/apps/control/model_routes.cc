#include "control/model_routes.h"

#include "audit/audit.h"
#include "control/model_views.h"
#include "registry/registry.h"

namespace vigia::control {
namespace {

using registry::Registry;

std::string FolderOf(const Plane& plane) { return JoinPath(plane.world().home, "models/registry"); }

// Without a pause between tries for the lock: a handler does not wait, its caller may try again.
Registry Open(Plane& plane) {
  registry::Settings settings;
  settings.folder = FolderOf(plane);
  settings.lock_tries = 1;
  return Registry(settings, plane.world().files, plane.world().clock);
}

Status Record(Plane& plane, const std::string& action, const Call& call, const registry::Change& change,
              const std::string& reason) {
  const PlaneWorld& world = plane.world();
  return audit::Append(world.files, JoinPath(world.home, "logs/audit.log"), world.clock.Now(),
                       {action,
                        call.actor.name,
                        {{"from", change.from}, {"to", change.to}, {"reason", reason}, {"changed", change.changed}}});
}

Result<Json> Answer(Plane& plane, const std::string& action, const Call& call, const registry::Change& change,
                    const std::string& reason) {
  TRY(Record(plane, action, call, change, reason));
  return Json{{"from", change.from}, {"to", change.to}, {"changed", change.changed}, {"warnings", change.warnings}};
}

Result<Json> Promote(Plane& plane, const Call& call) {
  const std::string reason = TRY(call.Field("reason"));
  Registry registry = Open(plane);
  return Answer(plane, "promote", call, TRY(registry.Promote({call.path[0], call.actor.name, reason})), reason);
}

Result<Json> RollBack(Plane& plane, const Call& call) {
  const std::string reason = TRY(call.RequiredField("reason"));
  Registry registry = Open(plane);
  return Answer(plane, "rollback", call, TRY(registry.Rollback({
                  TRY(call.Field("to"))
                  , call.actor.name, reason
                })),
                reason);
}

}  // namespace

void AddModelRoutes(Router& router, Plane& plane) {
  const auto views = std::make_shared<ModelViews>(plane.world().files, FolderOf(plane));
  router.Get("/api/v1/models", {}, [views](Call&) -> Result<Json> { return ListOf(TRY(views->All())); });
  router.Get("/api/v1/models/history", {"limit"}, [views](Call& call) -> Result<Json> {
    return ListOf(TRY(views->History(static_cast<size_t>(TRY(call.Integer("limit", 100, 1, 500))))));
  });
  router.Get("/api/v1/models/{version}", {}, [views](Call& call) { return views->One(call.path[0]); });
  router.Get("/api/v1/predict/signature", {}, [views](Call&) { return views->Signature(); });
  router.Post("/api/v1/models/{version}/promote", Role::kOperator, {"reason"},
              [&plane](Call& call) { return Promote(plane, call); });
  router.Post("/api/v1/models/rollback", Role::kOperator, {"to", "reason"},
              [&plane](Call& call) { return RollBack(plane, call); });
}

}  // namespace vigia::control
