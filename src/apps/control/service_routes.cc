#include "control/service_routes.h"

#include <algorithm>

#include "control/audit_trail.h"
#include "control/status.h"
#include "supervisor/keeper.h"

namespace vigia::control {
namespace {

using supervisor::Request;

Result<Json> Find(Plane& plane, const std::string& name) {
  for (Json& service : ServicesJson(plane)) {
    if (service["name"] == name) return std::move(service);
  }
  return Error(Code::kNotFound, "there is no service of this name");
}

// Asks the one who keeps it; the answer tells how it is now, not how it ends.
Result<Json> Ask(Plane& plane, const Call& call, Request request, const std::string& action) {
  const auto& services = plane.configuration().services;
  const bool known =
      std::any_of(services.begin(), services.end(), [&](const auto& spec) { return spec.name == call.path[0]; });
  if (!known) return Error(Code::kNotFound, "there is no service of this name");
  const std::string id(call.exchange.request_id);
  TRY(supervisor::Ask(plane.world().files, plane.world().home, call.path[0], {id, request}));
  Audit(plane, call, "service." + action, {{"service", call.path[0]}, {"reason", TRY(call.Field("reason"))}});
  return Find(plane, call.path[0]);
}

}  // namespace

void AddServiceRoutes(Router& router, Plane& plane) {
  router.Get("/api/v1/services", {}, [&plane](Call&) -> Result<Json> { return ListOf(ServicesJson(plane)); });
  router.Get("/api/v1/services/{name}", {}, [&plane](Call& call) { return Find(plane, call.path[0]); });
  const std::pair<const char*, Request> requests[] = {
      {"start", Request::kStart}, {"stop", Request::kStop}, {"restart", Request::kRestart}};
  for (const auto& [name, request] : requests) {
    router.Post(std::string("/api/v1/services/{name}/") + name, Role::kOperator, {"reason"},
                [&plane, request = request, action = std::string(name)](Call& call) {
                  return Ask(plane, call, request, action);
                });
  }
}

}  // namespace vigia::control
