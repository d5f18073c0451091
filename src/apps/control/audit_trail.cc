#include "control/audit_trail.h"

#include "audit/audit.h"

namespace vigia::control {

void Audit(const Plane& plane, const Call& call, const std::string& action, Json details) {
  const PlaneWorld& world = plane.world();
  const Status written = audit::Append(world.files, JoinPath(world.home, "logs/audit.log"), world.clock.Now(),
                                       {action, call.actor.name, std::move(details)});
  if (!written.ok()) world.log.Error("the audit log cannot be written", {{"reason", written.error().message()}});
}

}  // namespace vigia::control
