// Alertmanager's API v2 under /api/v2, for amtool, Prometheus, karma and Grafana, unmodified; and the webhook
// by which another Alertmanager or Grafana sends to us: /api/v1/webhook/alertmanager.
#pragma once

#include "control/plane.h"
#include "control/router.h"

namespace vigia::control {

// `access` outlives the router. Errors are JSON texts, as that API says them.
void AddAlertmanagerRoutes(Router& router, Plane& plane, const Access& access);

}  // namespace vigia::control
