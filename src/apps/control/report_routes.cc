#include "control/report_routes.h"

#include <algorithm>

#include "base/text.h"
#include "control/audit_views.h"
#include "control/report_views.h"
#include "control/views.h"
#include "controller/collections.h"

namespace vigia::control {
namespace {

constexpr size_t kRunsLookedAt = 50, kMostJobs = 200;

double Seconds(WallTime from, WallTime to) { return std::chrono::duration<double>(to - from).count(); }

Json JobOf(const JobRecord& record, WallTime now) {
  return {{"id", record.name + "@" + FormatTime(record.started_at)},
          {"command", Join(record.command, " ")},
          {"state", !record.finished_at ? "running"
                    : record.succeeded  ? "done"
                                        : "failed"},
          {"at", FormatTime(record.started_at)},
          {"seconds", Seconds(record.started_at, record.finished_at.value_or(now))},
          {"exit", nullptr},
          {"progress", nullptr},
          {"incident", nullptr},
          {"who", "vigia"},
          {"text", TextOrNull(record.text)}};
}

// A step that was begun, as the command that it is.
Json JobOf(const runbooks::Run& run, const std::string& id, const runbooks::StepRecord& step, WallTime now) {
  const bool running = step.state == runbooks::StepState::kIntent;
  return {{"id", run.id + "/" + id},
          {"command", step.command},
          {"state", running ? "running" : std::string(runbooks::StepStateName(step.state))},
          {"at", FormatTime(step.intent_at)},
          {"seconds", Seconds(step.intent_at, running ? now : std::max(step.finished_at, step.intent_at))},
          {"exit", running ? Json(nullptr) : Json(step.exit)},
          {"progress", nullptr},
          {"incident", TextOrNull(run.incident)},
          {"who", run.runbook},
          {"text", TextOrNull(step.text)}};
}

Result<Json> ListJobs(Plane& plane) {
  const WallTime now = plane.world().clock.Now();
  std::vector<Json> jobs;
  for (const JobRecord& record : plane.jobs().Recent()) jobs.push_back(JobOf(record, now));
  for (const storage::Document& document : TRY(plane.ledger().Page(controller::kRuns, "", kRunsLookedAt))) {
    const runbooks::Run run = TRY(runbooks::Run::FromJson(document.value));
    for (const auto& [id, step] : run.steps) {
      if (step.intent_at != WallTime{} && !step.command.empty()) jobs.push_back(JobOf(run, id, step, now));
    }
  }
  std::stable_sort(jobs.begin(), jobs.end(), [](const Json& a, const Json& b) {
    return a["at"].get_ref<const std::string&>() > b["at"].get_ref<const std::string&>();
  });
  if (jobs.size() > kMostJobs) jobs.resize(kMostJobs);
  return ListOf(jobs);
}

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
  router.Get("/api/v1/jobs", {}, [&plane](Call&) { return ListJobs(plane); });
}

}  // namespace vigia::control
