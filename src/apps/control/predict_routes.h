// POST /api/v1/predict: one prediction by the running risk service, explained.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddPredictRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
