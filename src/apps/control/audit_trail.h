// What people do through the API goes to logs/audit.log.
#pragma once

#include <string>

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

// Under the caller's name. A log that cannot be written is told in the program's own log; what was done stays done.
void Audit(const Plane& plane, const Call& call, const std::string& action, Json details);

}  // namespace vigia::control
