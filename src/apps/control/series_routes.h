// /api/v1/series and a service's series, for charts.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

void AddSeriesRoutes(Router& router, Plane& plane);

}  // namespace vigia::control
