#include "control/runbook_set.h"

#include <algorithm>
#include <set>

#include "control/builtin_runbooks.h"

namespace vigia::control {
namespace {

using config::Problem;
using runbooks::Runbook;

KnownRunbook Load(const std::string& text, const std::string& file, KnownRunbook::From from) {
  KnownRunbook known;
  known.from = from;
  // Tests have compiled the built-in ones.
  const auto compiling = from == KnownRunbook::From::kHome ? jq::Compiling::kNow : jq::Compiling::kFirstUse;
  known.runbook = runbooks::LoadRunbook(text, file, runbooks::Catalogue::BuiltIn(), known.problems, compiling);
  known.runbook.file = file;
  return known;
}

void Take(std::vector<KnownRunbook>& all, KnownRunbook known) {
  const auto same = std::find_if(all.begin(), all.end(), [&](const KnownRunbook& one) {
    return one.runbook.name == known.runbook.name && one.from == KnownRunbook::From::kBuiltIn;
  });
  if (same != all.end()) {
    *same = std::move(known);
  } else {
    all.push_back(std::move(known));
  }
}

// Each problem goes to the runbook whose file it names.
void Lint(std::vector<KnownRunbook>& all, const RunbookWorld& world) {
  std::vector<Runbook> good;
  for (const KnownRunbook& known : all) {
    if (known.problems.empty()) good.push_back(known.runbook);
  }
  for (const Problem& problem : runbooks::LintRunbooks(good, MakeLintWorld(world, good))) {
    for (KnownRunbook& known : all) {
      if (known.runbook.file == problem.file) known.problems.push_back(problem);
    }
  }
}

// What the built-in runbooks call: the default policy stands in for those that the directory does not have, also when a
// file of the home replaces the runbook. Any other name that it does not have is a mistake.
const std::set<std::string>& BuiltInPolicies() {
  static const std::set<std::string> kPolicies = [] {
    std::set<std::string> policies;
    for (const BuiltInRunbook& one : BuiltInRunbooks()) {
      policies.insert(
          Load(std::string(one.text), std::string(one.file), KnownRunbook::From::kBuiltIn).runbook.escalate.policy);
    }
    policies.erase("");
    return policies;
  }();
  return kPolicies;
}

// Whether the runbook's policy need not be in the directory.
bool StandsIn(const RunbookWorld& world, const Runbook& runbook) {
  if (world.directory == nullptr) return true;
  if (world.default_policy.empty()) return false;
  return runbook.file.starts_with("built-in/") || BuiltInPolicies().count(runbook.escalate.policy) > 0;
}

}  // namespace

std::vector<std::string> ApproversIn(const Runbook& runbook) {
  std::vector<std::string> approvers;
  const auto take = [&](const runbooks::Approve& ask) {
    approvers.insert(approvers.end(), ask.by.begin(), ask.by.end());
  };
  if (runbook.guards.approval) take(runbook.guards.approval->ask);
  for (const runbooks::Attempt& attempt : runbook.mitigate) {
    for (const runbooks::Step& step : attempt.steps) {
      if (const auto* ask = std::get_if<runbooks::Approve>(&step.what)) take(*ask);
    }
  }
  return approvers;
}

runbooks::LintWorld MakeLintWorld(const RunbookWorld& world, const std::vector<Runbook>& runbooks) {
  runbooks::LintWorld lint;
  lint.zones = world.zones;
  for (const checks::Check& check : world.checks) lint.checks.push_back(check.name);
  std::set<std::string> approvers;
  if (world.directory != nullptr) {
    for (const auto& [name, policy] : world.directory->policies) lint.policies.emplace(name, "");
    for (const auto& [name, window] : world.directory->windows) lint.windows.push_back(name);
    for (const auto& [name, person] : world.directory->people) {
      approvers.insert("person:" + name);
      for (const std::string& role : person.roles) approvers.insert("role:" + role);
    }
  }
  for (const Runbook& runbook : runbooks) {
    const std::string& policy = runbook.escalate.policy;
    if (!policy.empty() && lint.policies.count(policy) == 0 && StandsIn(world, runbook)) lint.policies[policy] = "";
    if (world.directory != nullptr) continue;
    for (const std::string& approver : ApproversIn(runbook)) approvers.insert(approver);
    for (const std::string& window : runbook.guards.deny_windows) lint.windows.push_back(window);
  }
  lint.approvers.assign(approvers.begin(), approvers.end());
  return lint;
}

Result<std::vector<KnownRunbook>> LoadRunbookSet(const Files& files, const std::string& home,
                                                 const RunbookWorld& world) {
  std::vector<KnownRunbook> all;
  for (const BuiltInRunbook& built_in : BuiltInRunbooks()) {
    const std::string file = "built-in/" + std::string(built_in.file);
    all.push_back(Load(std::string(built_in.text), file, KnownRunbook::From::kBuiltIn));
  }
  const std::string folder = JoinPath(home, "runbooks");
  if (files.Exists(folder)) {
    for (const FileInfo& file : TRY(files.List(folder))) {
      if (file.is_directory || !file.name.ends_with(".yaml")) continue;
      const std::string text = TRY(files.Read(JoinPath(folder, file.name)));
      Take(all, Load(text, "runbooks/" + file.name, KnownRunbook::From::kHome));
    }
  }
  for (KnownRunbook& known : all) {
    const auto mode = world.modes.find(known.runbook.name);
    if (mode != world.modes.end()) known.runbook.mode = mode->second;
  }
  Lint(all, world);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.runbook.name < b.runbook.name; });
  return all;
}

}  // namespace vigia::control
