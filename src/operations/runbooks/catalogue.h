// The allow list: which programs and subcommands a step may name, and what they do to the world.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runbooks/runbook.h"

namespace vigia::runbooks {

struct AllowedCommand {
  std::vector<std::string> prefix;  // {"vigia", "service", "restart"}; the longest match decides
  Effect effect = Effect::kRead;
  bool idempotent = false;  // done twice is as done once
  // Arguments that it must not have (a final * stands for anything): what would make a reader write.
  std::vector<std::string> refused = {};
};

class Catalogue {
 public:
  explicit Catalogue(std::vector<AllowedCommand> commands) : commands_(std::move(commands)) {}
  // vigia's own subcommands, and the read-only and restart commands of docker, systemctl, kubectl,
  // df, ps, tail and the like that the runbooks name.
  static Catalogue BuiltIn();

  void Add(AllowedCommand command) { commands_.push_back(std::move(command)); }
  // nullptr: not allowed. `arguments` may hold templates, which match no word of a prefix.
  const AllowedCommand* Find(const std::vector<std::string>& arguments) const;
  const std::vector<AllowedCommand>& commands() const { return commands_; }

 private:
  std::vector<AllowedCommand> commands_;
};

}  // namespace vigia::runbooks
