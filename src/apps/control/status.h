// The one document that says how everything is: for /api/v1/status, the dashboard and `vigia status`.
#pragma once

#include "base/json.h"
#include "control/plane.h"

namespace vigia::control {

Json ServicesJson(Plane& plane);
Json OnCallNow(const Plane& plane);
Json StatusJson(Plane& plane);

}  // namespace vigia::control
