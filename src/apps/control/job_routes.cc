#include "control/job_routes.h"

#include <algorithm>

#include "control/job_view.h"

namespace vigia::control {
namespace {

constexpr size_t kRunsLookedAt = 50, kMostJobs = 200;

Result<std::vector<JobView>> Collect(const Plane& plane, const Drills& drills, RunIndex& runs) {
  std::vector<JobView> jobs;
  for (const CommandRecord& record : plane.programs().Recent()) {
    if (record.action.empty()) jobs.push_back(JobOf(record));
  }
  for (const DrillRecord& record : drills.Recent()) {
    jobs.push_back(JobOf(record));
    jobs.back().progress = drills.ProgressOf(record.id);
  }
  for (RunSummary& run : TRY(runs.Newest(kRunsLookedAt))) {
    for (StepJob& step : run.jobs) {
      if (!step.action.empty()) step.job.progress = plane.programs().ProgressOf(step.action);
      jobs.push_back(std::move(step.job));
    }
  }
  std::stable_sort(jobs.begin(), jobs.end(), [](const JobView& a, const JobView& b) { return a.at > b.at; });
  if (jobs.size() > kMostJobs) jobs.resize(kMostJobs);
  return jobs;
}

}  // namespace

void AddJobRoutes(Router& router, Plane& plane, Drills& drills, std::shared_ptr<RunIndex> runs) {
  router.Get("/api/v1/jobs", {}, [&plane, &drills, runs = std::move(runs)](Call&) -> Result<Json> {
    const WallTime now = plane.world().clock.Now();
    Json items = Json::array();
    for (const JobView& job : TRY(Collect(plane, drills, *runs))) items.push_back(ToJson(job, now));
    return ListOf(std::move(items));
  });
}

}  // namespace vigia::control
