// Runbooks from YAML, and the linter. Every problem has a file, a line and a sentence.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "calendar/time_zone.h"
#include "config/map_reader.h"
#include "runbooks/catalogue.h"
#include "runbooks/runbook.h"

namespace vigia::runbooks {

// Reads one runbook. What has problems is still returned, as far as it was understood, so that a
// linter shows everything at once; never run a runbook that has problems.
// Refused here: unknown keys, wrong types, expressions that do not compile, a command that the
// catalogue does not know, an effect weaker than the catalogue's, a probe that writes, an undo that
// is not idempotent. `compiling`: kFirstUse for texts whose expressions were compiled before.
Runbook LoadRunbook(const std::string& text, const std::string& file, const Catalogue& catalogue,
                    std::vector<config::Problem>& problems, jq::Compiling compiling = jq::Compiling::kNow);

// What the runbooks stand in.
struct LintWorld {
  std::vector<std::string> checks;              // configured outside the runbooks
  std::map<std::string, std::string> policies;  // name -> why it reaches nobody; empty: it reaches somebody
  std::vector<std::string> windows;
  std::vector<std::string> approvers;          // "person:ana", "role:oncall" that somebody holds
  const calendar::TimeZones* zones = nullptr;  // null: zones of schedules are not looked up
};

// Rules about a set of runbooks:
//   a write step has a probe, an undo or is idempotent; a retry needs a probe or idempotence
//   diagnosis only reads
//   mitigation has a verify; fail-back has an undo
//   triggers, policies, windows and approvers exist, and a policy reaches somebody
//   runbooks that start each other do not go round in a circle
//   names and step ids are unique
std::vector<config::Problem> LintRunbooks(const std::vector<Runbook>& runbooks, const LintWorld& world);

// JSON schema (2020-12) of a runbook document, for editors. Published as runbooks/schema.json.
Json RunbookSchema();

}  // namespace vigia::runbooks
