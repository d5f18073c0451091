#include "control/dashboard_routes.h"

#include "control/event_routes.h"
#include "control/model_routes.h"
#include "control/predict_routes.h"
#include "control/report_routes.h"
#include "control/session_routes.h"
#include "dashboard/assets.h"

namespace vigia::control {

void AddDashboardRoutes(Router& router, Plane& plane, Access& access) {
  AddSessionRoutes(router, plane, access);
  AddModelRoutes(router, plane);
  AddReportRoutes(router, plane);
  AddPredictRoutes(router, plane);
  AddEventRoutes(router, access, std::make_shared<EventFeed>(plane));
  router.AddPublic(dashboard::AssetRoutes());
}

}  // namespace vigia::control
