#include "control/configuration.h"

#include <algorithm>
#include <array>

#include "checks/load.h"
#include "control/default_sources.h"
#include "control/services.h"

namespace vigia::control {
namespace {

using config::Problem;
using config::YamlNode;

constexpr const char* kFile = "vigia.yaml";
// Each is read by whoever it configures; another name is a slip of the pen.
constexpr std::array<std::string_view, 8> kSections = {"risk",    "services", "signals",  "checks",
                                                       "control", "runbooks", "silences", "labels"};

Result<YamlNode> ReadFile(const Files& files, const std::string& home) {
  YamlNode node;
  const std::string path = JoinPath(home, kFile);
  if (files.Exists(path)) node = TRY(config::ParseYaml(TRY(files.Read(path)), kFile));
  if (node.kind != YamlNode::Kind::kNull && node.kind != YamlNode::Kind::kMap) {
    return Error(Code::kInvalidArgument, "vigia.yaml:1: it must be a map of sections");
  }
  return node;
}

void CheckSections(const YamlNode& file, std::vector<Problem>& problems) {
  for (size_t i = 0; i < file.map.size(); ++i) {
    const std::string& name = file.map[i].first;
    if (std::find(kSections.begin(), kSections.end(), name) != kSections.end()) continue;
    problems.push_back({kFile, file.key_lines[i], "'" + name + "' is not a section"});
  }
}

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
  const YamlNode file = TRY(ReadFile(world.files, world.home));
  std::vector<Problem> problems;
  CheckSections(file, problems);
  configuration.services = TRY(LoadServiceSpecs(world.files, world.home, world.environment));
  configuration.signals = signals::LoadSignals(file.Find("signals"), kFile, problems);
  if (const YamlNode* checks = file.Find("checks")) {
    configuration.checks = checks::LoadChecks(*checks, kFile, problems);
  }
  const std::map<std::string, runbooks::Mode> modes = ReadModes(file.Find("runbooks"), problems);
  TRY(First(problems));
  AddDefaultSources(configuration.services, configuration.signals);
  TRY(LoadPeople(world, configuration));
  const escalation::Directory* directory = configuration.has_oncall ? &configuration.oncall.directory : nullptr;
  configuration.runbooks = TRY(
      LoadRunbookSet(world.files, world.home, {configuration.checks, directory, configuration.default_policy, modes}));
  for (const KnownRunbook& known : configuration.runbooks) Append(configuration.warnings, known.problems);
  for (const auto& [name, mode] : modes) {
    const bool known = std::any_of(configuration.runbooks.begin(), configuration.runbooks.end(),
                                   [&name = name](const KnownRunbook& one) { return one.runbook.name == name; });
    if (!known) return Error(Code::kInvalidArgument, "vigia.yaml: runbooks: there is no runbook '" + name + "'");
  }
  return configuration;
}

}  // namespace vigia::control
