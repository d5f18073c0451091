#include "control/routes.h"

#include "control/check_routes.h"
#include "control/incident_routes.h"
#include "control/plane_routes.h"
#include "control/silence_routes.h"

namespace vigia::control {

void AddAllRoutes(Router& router, Plane& plane) {
  AddPlaneRoutes(router, plane);
  AddCheckRoutes(router, plane);
  AddSilenceRoutes(router, plane);
  AddIncidentRoutes(router, plane);
}

}  // namespace vigia::control
