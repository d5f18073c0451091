#include "control/routes.h"

#include "control/check_routes.h"
#include "control/drill_routes.h"
#include "control/incident_routes.h"
#include "control/job_routes.h"
#include "control/oncall_routes.h"
#include "control/plane_routes.h"
#include "control/postmortem_routes.h"
#include "control/run_routes.h"
#include "control/runbook_routes.h"
#include "control/series_routes.h"
#include "control/service_routes.h"
#include "control/silence_routes.h"

namespace vigia::control {

void AddAllRoutes(Router& router, Plane& plane, Drills& drills) {
  const auto runs = std::make_shared<RunIndex>(plane);
  AddPlaneRoutes(router, plane);
  AddCheckRoutes(router, plane);
  AddSilenceRoutes(router, plane);
  AddIncidentRoutes(router, plane);
  AddPostmortemRoutes(router, plane);
  AddRunRoutes(router, plane);
  AddRunbookRoutes(router, plane, runs);
  AddDrillRoutes(router, plane, drills);
  AddJobRoutes(router, plane, drills, runs);
  AddServiceRoutes(router, plane);
  AddSeriesRoutes(router, plane);
  AddOncallRoutes(router, plane);
}

}  // namespace vigia::control
