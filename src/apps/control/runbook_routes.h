// /api/v1/runbooks: their texts and problems, starting one by hand, changing its mode.
#pragma once

#include "control/plane.h"
#include "control/router.h"
#include "control/run_index.h"

namespace vigia::control {

void AddRunbookRoutes(Router& router, Plane& plane, const std::shared_ptr<RunIndex>& runs);

}  // namespace vigia::control
