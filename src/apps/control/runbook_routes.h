// /api/v1/runbooks: their texts and problems, starting one by hand, changing its mode.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddRunbookRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
