#include "control/people.h"

namespace vigia::control {

std::optional<escalation::Policy> DirectoryPeople::FindPolicy(const std::string& name) const {
  const auto found = directory_.policies.find(name);
  if (found == directory_.policies.end()) return std::nullopt;
  return found->second;
}

std::vector<escalation::Reached> DirectoryPeople::Resolve(const escalation::Call& call,
                                                          const escalation::Policy& policy, checks::Severity severity,
                                                          WallTime now) const {
  std::vector<escalation::Reached> reached = escalation::Resolve(directory_, call, policy, severity, now);
  const bool begins = call.level == 0 && call.round == 0 && !call.level_name.empty();
  if (!begins) return reached;
  for (escalation::Reached& room : escalation::Rooms(directory_, severity)) reached.push_back(std::move(room));
  return reached;
}

std::vector<std::string> DirectoryPeople::RolesOf(const std::string& person) const {
  if (directory_.people.empty()) return everybodys_roles_;
  const auto found = directory_.people.find(person);
  return found != directory_.people.end() ? found->second.roles : std::vector<std::string>();
}

std::set<std::string> DirectoryPeople::OpenWindows(WallTime now) const {
  std::set<std::string> open;
  for (const auto& [name, window] : directory_.windows) {
    if (escalation::Inside(window, now)) open.insert(name);
  }
  return open;
}

}  // namespace vigia::control
