#include "control/job_view.h"

#include <algorithm>

#include "base/text.h"
#include "control/views.h"

namespace vigia::control {

JobView JobOf(const CommandRecord& record) {
  JobView job;
  job.id = "command-" + std::to_string(record.number);
  job.command = Join(record.command, " ");
  job.state = !record.finished_at ? "running" : record.succeeded ? "done" : "failed";
  job.at = record.started_at;
  job.finished_at = record.finished_at;
  job.exit = record.exit;
  job.progress = record.progress;
  job.who = "vigia";
  job.text = record.text;
  return job;
}

JobView JobOf(const DrillRecord& record) {
  JobView job;
  job.id = record.id;
  job.command = Join(record.Command(), " ");
  job.state = ToJson(record)["state"].get<std::string>();
  job.at = record.started_at;
  job.finished_at = record.finished_at;
  job.who = record.who;
  job.text = record.why;
  return job;
}

std::vector<StepJob> JobsOf(const runbooks::Run& run) {
  std::vector<StepJob> jobs;
  for (const auto& [id, step] : run.steps) {
    if (step.intent_at == WallTime{} || step.command.empty()) continue;
    const bool running = step.state == runbooks::StepState::kIntent;
    JobView job;
    job.id = run.id + "/" + id;
    job.command = step.command;
    job.state = running ? "running" : std::string(runbooks::StepStateName(step.state));
    job.at = step.intent_at;
    if (!running) job.finished_at = std::max(step.finished_at, step.intent_at);
    if (!running) job.exit = step.exit;
    job.incident = run.incident;
    job.who = run.runbook;
    job.text = step.text;
    jobs.push_back({std::move(job), running ? step.action : ""});
  }
  return jobs;
}

Json ToJson(const JobView& job, WallTime now) {
  return {{"id", job.id},
          {"command", job.command},
          {"state", job.state},
          {"at", FormatTime(job.at)},
          {"seconds", std::chrono::duration<double>(job.finished_at.value_or(std::max(now, job.at)) - job.at).count()},
          {"exit", job.exit ? Json(*job.exit) : Json(nullptr)},
          {"progress", ProgressJson(job.progress)},
          {"incident", TextOrNull(job.incident)},
          {"who", TextOrNull(job.who)},
          {"text", TextOrNull(job.text)}};
}

Json ProgressJson(const std::optional<ProgressMark>& progress) {
  if (!progress) return nullptr;
  return {{"phase", progress->phase}, {"done", progress->done}, {"total", progress->total}};
}

}  // namespace vigia::control
