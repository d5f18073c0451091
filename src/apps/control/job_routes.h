// /api/v1/jobs: commands that run or have run, whoever wanted them.
#pragma once

#include <memory>

#include "control/drills.h"
#include "control/plane.h"
#include "control/router.h"
#include "control/run_index.h"

namespace vigia::control {

void AddJobRoutes(Router& router, Plane& plane, Drills& drills, std::shared_ptr<RunIndex> runs);

}  // namespace vigia::control
