// /api/v1/oncall: who is on, shifts, policies, windows.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddOncallRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
