#include "control/report_routes.h"

#include "control/audit_views.h"
#include "control/report_views.h"

namespace vigia::control {
namespace {

Result<Json> Audit(const Plane& plane, const Call& call) {
  const int64_t limit = TRY(call.Integer("limit", 100, 1, 500));
  const int64_t before = TRY(call.Integer("before", 0, 0, INT64_MAX));
  AuditPage page = TRY(ReadAuditPage(plane.world().files, JoinPath(plane.world().home, "logs/audit.log"), before,
                                     static_cast<size_t>(limit)));
  return ListOf(std::move(page.items), std::move(page.next));
}

}  // namespace

void AddReportRoutes(Router& router, Plane& plane) {
  const auto views = std::make_shared<ReportViews>(plane.world().files, plane.world().home);
  const Clock& clock = plane.world().clock;
  router.Get("/api/v1/drift", {"version"}, [views](Call& call) { return views->Drift(call.Text("version")); });
  router.Get("/api/v1/drift/history", {"version", "weeks"}, [views, &clock](Call& call) -> Result<Json> {
    const auto weeks = static_cast<int>(TRY(call.Integer("weeks", 12, 1, 104)));
    return ListOf(TRY(views->DriftHistory(call.Text("version"), weeks, clock.Now())));
  });
  router.Get("/api/v1/performance", {"version"},
             [views](Call& call) { return views->Performance(call.Text("version")); });
  router.Get("/api/v1/audit", {"limit", "before"}, [&plane](Call& call) { return Audit(plane, call); });
}

}  // namespace vigia::control
