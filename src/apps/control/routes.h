// The explicit list of what the control plane answers. A group of routes is a file pair and a line here.
#pragma once

#include "control/drills.h"
#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddAllRoutes(Router& router, Plane& plane, Drills& drills);

}  // namespace vigia::control
