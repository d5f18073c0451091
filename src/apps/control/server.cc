#include "control/server.h"

#include "control/alertmanager_routes.h"
#include "control/dashboard_routes.h"
#include "control/routes.h"

namespace vigia::control {

Result<std::unique_ptr<http::Server>> StartServer(Plane& plane, Access& access, Entropy& entropy, Drills& drills) {
  http::ServerSettings settings;
  settings.host = plane.configuration().settings.host;
  settings.port = static_cast<uint16_t>(plane.configuration().settings.port);
  settings.loops = 1;  // the handlers share one lock
  settings.max_connections = 1'000;
  settings.limits.body_bytes = 4 * 1024 * 1024;  // Prometheus sends up to 256 alerts at once
  settings.drain_timeout = std::chrono::seconds(2);
  const Clock& clock = plane.world().clock;
  return http::Server::Start(
      settings,
      [&](unsigned) -> std::unique_ptr<http::Handler> {
        Router router(access);
        AddAllRoutes(router, plane, drills);
        AddAlertmanagerRoutes(router, plane, access);
        AddDashboardRoutes(router, plane, access);
        std::vector<std::unique_ptr<http::Stage>> stages;
        stages.push_back(http::MakeTimeStage(clock));
        stages.push_back(http::MakeRequestIdStage(entropy));
        stages.push_back(http::MakeFaultStage());
        stages.push_back(http::MakeRouteStage(router.TakeRoutes()));
        stages.push_back(http::MakeActionStage());
        return std::make_unique<http::Pipeline>(std::move(stages));
      },
      clock);
}

}  // namespace vigia::control
