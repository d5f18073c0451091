#include "control/plane_routes.h"

#include "base/metrics.h"
#include "control/openapi_text.h"
#include "control/status.h"
#include "control/views.h"

namespace vigia::control {
namespace {

constexpr Duration kSilent = std::chrono::seconds(10);  // a tick takes milliseconds

Status AnswerAlive(Plane& plane, Call& call) {
  const bool alive = plane.SinceTick() < kSilent;
  if (!alive) return Error(Code::kUnavailable, "the last tick is too long ago");
  call.exchange.response.content_type = "text/plain; charset=utf-8";
  call.exchange.response.body = "ok\n";
  return {};
}

Status AnswerMetrics(Plane& plane, Call& call) {
  using Type = MetricsText::Type;
  MetricsText text(MetricsText::Format::kPrometheus);
  const Json status = StatusJson(plane);
  const auto gauge = [&](std::string_view name, std::string_view help, const Json& value) {
    text.Family(name, Type::kGauge, help);
    text.Sample({}, value.get<double>());
  };
  gauge("vigia_sound", "1 when nothing is wrong.", status["sound"].get<bool>() ? 1 : 0);
  gauge("vigia_incidents_open", "Incidents that are not resolved.", status["incidents"]["open"]);
  gauge("vigia_alerts_firing", "Alerts that fire.", status["alerts"]["firing"]);
  gauge("vigia_checks", "Checks that are configured.", status["checks"]["total"]);
  gauge("vigia_runs_active", "Runbook runs at work.", status["runs"]["active"]);
  gauge("vigia_runs_waiting_approval", "Runs that wait for a person.", status["runs"]["waiting_approval"]);
  gauge("vigia_series", "Series that are kept.", status["signals"]["series"]);
  gauge("vigia_samples", "Samples that are kept.", status["signals"]["samples"]);
  gauge("vigia_samples_dropped", "Samples that came too late, or of a series too many.", status["signals"]["dropped"]);
  gauge("vigia_sources_hanging", "Sources that do not come back.", status["signals"]["hanging"]);
  text.Family("vigia_service_healthy", Type::kGauge, "1 while the service is healthy.");
  for (const Json& service : status["services"]) {
    const std::string name = service["name"].get<std::string>();
    text.Sample({{"service", name}}, service["state"] == "healthy" ? 1 : 0);
  }
  call.exchange.response.content_type = MetricsText::ContentType(MetricsText::Format::kPrometheus);
  call.exchange.response.body = text.Finish();
  return {};
}

}  // namespace

void AddPlaneRoutes(Router& router, Plane& plane) {
  for (const char* path : {"/-/healthy", "/-/ready"}) {
    router.Open(http::Method::kGet, path, [&plane](Call& call) { return AnswerAlive(plane, call); });
  }
  router.Raw(http::Method::kGet, "/metrics", Role::kViewer, {},
             [&plane](Call& call) { return AnswerMetrics(plane, call); });
  router.Get("/api/v1/status", {}, [&plane](Call& call) -> Result<Json> {
    Json status = StatusJson(plane);
    status["read_only"] = call.actor.role < Role::kOperator;
    return status;
  });
  router.Raw(http::Method::kGet, "/api/v1/openapi.json", Role::kViewer, {}, [](Call& call) -> Status {
    call.exchange.response.body = OpenApiText();
    return {};
  });
}

}  // namespace vigia::control
