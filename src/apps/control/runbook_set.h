// The runbooks of a home: the built-in ones, and <home>/runbooks/*.yaml, which win over them by name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "checks/check.h"
#include "config/map_reader.h"
#include "escalation/directory.h"
#include "runbooks/load.h"

namespace vigia::control {

struct KnownRunbook {
  enum class From { kBuiltIn, kHome };
  runbooks::Runbook runbook;
  From from = From::kBuiltIn;
  std::vector<config::Problem> problems;  // with any of them it is shown, and never run
};

struct RunbookWorld {
  const std::vector<checks::Check>& checks;          // configured outside the runbooks
  const escalation::Directory* directory = nullptr;  // null: there is no on-call file, so nobody can be named
  std::string default_policy;                        // stands in for a policy that the directory does not have
  std::map<std::string, runbooks::Mode> modes;       // of vigia.yaml, by runbook
  const calendar::TimeZones* zones = nullptr;        // of schedules
};

// Sorted by name. Fails when a file of the home cannot be read.
Result<std::vector<KnownRunbook>> LoadRunbookSet(const Files& files, const std::string& home,
                                                 const RunbookWorld& world);

// The linter's world. Policies and approvers that a built-in runbook names and the directory lacks are
// no problem as long as a default policy stands in, or nobody is configured at all.
runbooks::LintWorld MakeLintWorld(const RunbookWorld& world, const std::vector<runbooks::Runbook>& runbooks);

// Who is named as an approver: "role:oncall", "person:ana".
std::vector<std::string> ApproversIn(const runbooks::Runbook& runbook);

}  // namespace vigia::control
