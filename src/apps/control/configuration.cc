#include "control/configuration.h"

#include <algorithm>
#include <set>

#include "alerting/load.h"
#include "checks/load.h"
#include "config/file.h"
#include "control/default_sources.h"
#include "control/services.h"

namespace vigia::control {
namespace {

using config::Problem;
using config::YamlNode;

constexpr const char* kFile = config::kFileName;

// runbooks: {service-down: {mode: approve}}
std::map<std::string, runbooks::Mode> ReadModes(const YamlNode* section, std::vector<Problem>& problems) {
  std::map<std::string, runbooks::Mode> modes;
  if (section == nullptr) return modes;
  for (const auto& [name, node] : section->map) {
    config::MapReader reader(node, kFile, "runbook '" + name + "'", problems);
    const std::string text = reader.RequiredText("mode");
    const auto mode = runbooks::ParseMode(text);
    if (mode) modes.emplace(name, *mode);
    if (!mode && !text.empty()) {
      reader.Add(reader.Line("mode"), "'mode' must be one of auto, approve, dry-run, off");
    }
    reader.Finish();
  }
  return modes;
}

// checks/*.yaml, each a list as vigia.yaml's section: for many of them, or made by a program.
Status ReadCheckFiles(const ConfigurationWorld& world, std::vector<checks::Check>& all,
                      std::vector<Problem>& problems) {
  const std::string folder = JoinPath(world.home, "checks");
  if (!world.files.Exists(folder)) return {};
  for (const FileInfo& info : TRY(world.files.List(folder))) {
    if (info.is_directory || !info.name.ends_with(".yaml")) continue;
    const std::string file = "checks/" + info.name;
    const YamlNode list = TRY(config::ParseYaml(TRY(world.files.Read(JoinPath(folder, info.name))), file));
    for (checks::Check& check : checks::LoadChecks(list, file, problems)) all.push_back(std::move(check));
  }
  return {};
}

// Names are unique over all files and runbooks.
Status RefuseTwins(const Configuration& configuration) {
  std::set<std::string> names;
  const auto take = [&](const checks::Check& check) -> Status {
    if (names.insert(check.name).second) return {};
    return Error(Code::kInvalidArgument, "check '" + check.name + "' is defined twice");
  };
  for (const checks::Check& check : configuration.checks) TRY(take(check));
  for (const KnownRunbook& known : configuration.runbooks) {
    if (!known.problems.empty()) continue;
    for (const checks::Check& check : known.runbook.checks) TRY_CONTEXT(take(check), known.runbook.file);
  }
  return {};
}

Status First(const std::vector<Problem>& problems) {
  if (problems.empty()) return {};
  return Error(Code::kInvalidArgument, problems.front().ToString());
}

void Append(std::vector<Problem>& to, const std::vector<Problem>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

Status LoadPeople(const ConfigurationWorld& world, Configuration& configuration) {
  const std::string path = JoinPath(world.home, "oncall.yaml");
  configuration.has_oncall = world.files.Exists(path);
  if (!configuration.has_oncall) {
    configuration.warnings.push_back({"oncall.yaml", 1, "there is no such file: nobody is called"});
    return {};
  }
  configuration.oncall = TRY(notify::LoadOncall(path, world.channels, world.zones, world.now));
  TRY(First(configuration.oncall.directory_problems));
  Append(configuration.warnings, configuration.oncall.lint_problems);
  Append(configuration.warnings, configuration.oncall.channel_problems);
  const auto& policies = configuration.oncall.directory.policies;
  std::string& policy = configuration.default_policy;
  policy = configuration.settings.default_policy;
  if (!policy.empty() && policies.count(policy) == 0) {
    return Error(Code::kInvalidArgument, "control.default_policy: there is no policy '" + policy + "'");
  }
  if (policy.empty() && policies.count("sre") > 0) policy = "sre";
  if (policy.empty() && !policies.empty()) policy = policies.begin()->first;
  return {};
}

}  // namespace

Result<Configuration> LoadConfiguration(const ConfigurationWorld& world,
                                        const std::vector<std::pair<std::string, std::string>>& flags) {
  Configuration configuration;
  configuration.settings = TRY(LoadSettings(world.files, world.home, world.environment, flags));
  configuration.zone = TRY_CONTEXT(world.zones.Find(configuration.settings.time_zone), "control.time_zone");
  const YamlNode file = TRY(config::ReadFile(world.files, world.home));
  std::vector<Problem> problems;
  configuration.services = TRY(LoadServiceSpecs(world.files, world.home, world.environment));
  configuration.signals = signals::LoadSignals(file.Find("signals"), kFile, problems);
  if (const YamlNode* checks = file.Find("checks")) {
    configuration.checks = checks::LoadChecks(*checks, kFile, problems);
  }
  TRY(ReadCheckFiles(world, configuration.checks, problems));
  const std::map<std::string, runbooks::Mode> modes = ReadModes(file.Find("runbooks"), problems);
  TRY(First(problems));
  AddDefaultSources(configuration.services, configuration.signals);
  TRY(LoadPeople(world, configuration));
  std::vector<std::string> windows;
  for (const auto& [name, window] : configuration.oncall.directory.windows) windows.push_back(name);
  configuration.alerting = alerting::LoadAlerting(file, kFile, windows, problems);
  TRY(First(problems));
  const escalation::Directory* directory = configuration.has_oncall ? &configuration.oncall.directory : nullptr;
  configuration.runbooks = TRY(LoadRunbookSet(
      world.files, world.home, {configuration.checks, directory, configuration.default_policy, modes, &world.zones}));
  TRY(RefuseTwins(configuration));
  for (const KnownRunbook& known : configuration.runbooks) Append(configuration.warnings, known.problems);
  for (const auto& [name, mode] : modes) {
    const bool known = std::any_of(configuration.runbooks.begin(), configuration.runbooks.end(),
                                   [&name = name](const KnownRunbook& one) { return one.runbook.name == name; });
    if (!known) return Error(Code::kInvalidArgument, "vigia.yaml: runbooks: there is no runbook '" + name + "'");
  }
  return configuration;
}

}  // namespace vigia::control
