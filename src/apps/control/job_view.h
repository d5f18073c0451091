// A command that runs or has run, whoever wanted it, as the API tells it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/progress_lines.h"
#include "control/drills.h"
#include "control/programs.h"
#include "runbooks/run.h"

namespace vigia::control {

struct JobView {
  std::string id, command, state;
  WallTime at{};
  std::optional<WallTime> finished_at;
  std::optional<int> exit;
  std::optional<ProgressMark> progress;
  std::string incident, who, text;  // each may be empty
};

JobView JobOf(const CommandRecord& record);
JobView JobOf(const DrillRecord& record);
// The steps of a run that were begun, as the commands that they are; without their progress.
struct StepJob {
  JobView job;
  std::string action;  // the key of what is in flight; empty: nothing
};
std::vector<StepJob> JobsOf(const runbooks::Run& run);

Json ToJson(const JobView& job, WallTime now);
// {phase, done, total}, or null.
Json ProgressJson(const std::optional<ProgressMark>& progress);

}  // namespace vigia::control
