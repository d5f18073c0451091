// The people that the controller calls: the directory of oncall.yaml.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "controller/controller.h"
#include "escalation/directory.h"

namespace vigia::control {

// Immutable, so thread-safe.
class DirectoryPeople final : public controller::People {
 public:
  // `everybodys_roles`: what anyone may decide while nobody is named in the directory.
  DirectoryPeople(escalation::Directory directory, std::vector<std::string> everybodys_roles)
      : directory_(std::move(directory)), everybodys_roles_(std::move(everybodys_roles)) {}

  const escalation::Directory& directory() const { return directory_; }

  std::optional<escalation::Policy> FindPolicy(const std::string& name) const override;
  // People of the call, and with the first call of an escalation the rooms of the severity.
  std::vector<escalation::Reached> Resolve(const escalation::Call& call, const escalation::Policy& policy,
                                           checks::Severity severity, WallTime now) const override;
  std::vector<std::string> RolesOf(const std::string& person) const override;
  std::set<std::string> OpenWindows(WallTime now) const override;

 private:
  const escalation::Directory directory_;
  const std::vector<std::string> everybodys_roles_;
};

}  // namespace vigia::control
