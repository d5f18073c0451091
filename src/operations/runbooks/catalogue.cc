#include "runbooks/catalogue.h"

#include <algorithm>

namespace vigia::runbooks {
namespace {

bool Matches(std::string_view pattern, std::string_view word) {
  if (!pattern.empty() && pattern.back() == '*') {
    return word.substr(0, pattern.size() - 1) == pattern.substr(0, pattern.size() - 1);
  }
  return pattern == word;
}

bool HasPrefix(const std::vector<std::string>& prefix, const std::vector<std::string>& arguments) {
  if (prefix.size() > arguments.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (!Matches(prefix[i], arguments[i])) return false;
  }
  return true;
}

bool HasRefused(const AllowedCommand& command, const std::vector<std::string>& arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    return std::any_of(command.refused.begin(), command.refused.end(),
                       [&](const std::string& pattern) { return Matches(pattern, argument); });
  });
}

std::vector<AllowedCommand> VigiaCommands() {
  using E = Effect;
  return {
      {{"vigia", "status"}},
      {{"vigia", "doctor"}},
      {{"vigia", "evaluate"}},
      {{"vigia", "logs"}},
      {{"vigia", "registry", "list"}},
      {{"vigia", "registry", "show"}},
      {{"vigia", "registry", "verify"}},
      {{"vigia", "registry", "history"}},
      {{"vigia", "registry", "register"}, E::kWrite},
      {{"vigia", "registry", "promote"}, E::kWrite, true},
      {{"vigia", "registry", "rollback"}, E::kWrite},
      {{"vigia", "promote"}, E::kWrite, true},
      {{"vigia", "rollback"}, E::kWrite},
      {{"vigia", "register"}, E::kWrite},
      {{"vigia", "train"}, E::kWrite},
      {{"vigia", "retrain"}, E::kWrite},
      {{"vigia", "dataset", "build"}, E::kWrite, true},
      {{"vigia", "baseline", "build"}, E::kWrite, true},
      {{"vigia", "drift", "summary"}},
      {{"vigia", "drift", "report"}},
      {{"vigia", "performance", "report"}},
      {{"vigia", "retention"}, E::kDestructive, true},
      {{"vigia", "retention", "--dry-run"}},
      {{"vigia", "set"}, E::kWrite, true},
      {{"vigia", "set", "show"}},
      {{"vigia", "config", "show"}},
      {{"vigia", "audit", "show"}},
      {{"vigia", "audit", "verify"}},
      {{"vigia", "inference", "status"}},
      {{"vigia", "inference", "compact"}, E::kWrite, true},
      {{"vigia", "block-ip"}, E::kWrite, true},
      {{"vigia", "unblock-ip"}, E::kWrite, true},
      {{"vigia", "service", "status"}},
      {{"vigia", "service", "list"}},
      {{"vigia", "service", "logs"}},
      {{"vigia", "service", "start"}, E::kWrite, true},
      {{"vigia", "service", "stop"}, E::kWrite, true},
      {{"vigia", "service", "restart"}, E::kWrite, true},
      {{"vigia", "service", "scale"}, E::kWrite, true},
      {{"vigia", "incident", "list"}},
      {{"vigia", "incident", "show"}},
      {{"vigia", "oncall", "who"}},
      {{"vigia", "runbook", "run"}, E::kWrite},
  };
}

std::vector<AllowedCommand> OtherCommands() {
  using E = Effect;
  std::vector<AllowedCommand> commands = {
      {{"docker", "ps"}},
      {{"docker", "logs"}},
      {{"docker", "stats", "--no-stream"}},
      {{"docker", "inspect"}},
      {{"docker", "start"}, E::kWrite, true},
      {{"docker", "stop"}, E::kWrite, true},
      {{"docker", "restart"}, E::kWrite, true},
      {{"docker", "compose", "up", "-d"}, E::kWrite, true},
      {{"docker", "compose", "restart"}, E::kWrite, true},
      {{"systemctl", "status"}},
      {{"systemctl", "show"}},
      {{"systemctl", "is-active"}},
      {{"systemctl", "start"}, E::kWrite, true},
      {{"systemctl", "stop"}, E::kWrite, true},
      {{"systemctl", "restart"}, E::kWrite, true},
      {{"kubectl", "get"}},
      {{"kubectl", "describe"}},
      {{"kubectl", "logs"}},
      {{"kubectl", "top"}},
      {{"kubectl", "rollout", "status"}},
      {{"kubectl", "rollout", "restart"}, E::kWrite, true},
      {{"kubectl", "rollout", "undo"}, E::kWrite},
      {{"kubectl", "scale"}, E::kWrite, true},
      {{"journalctl"}, E::kRead, false, {"--vacuum*", "--rotate", "--flush", "--sync", "--relinquish*", "--update-*"}},
      {{"ss", "-s"}, E::kRead, false, {"-K*", "--kill"}},
      {{"ss", "-ltn"}, E::kRead, false, {"-K*", "--kill"}},
      {{"nvidia-smi", "--query-*"}},
  };
  for (const char* reader :
       {"df", "du", "free", "uptime", "ps", "tail", "head", "grep", "ls", "cat", "stat", "wc", "getent", "true"}) {
    commands.push_back({{reader}});
  }
  return commands;
}

}  // namespace

Catalogue Catalogue::BuiltIn() {
  std::vector<AllowedCommand> commands = VigiaCommands();
  for (AllowedCommand& command : OtherCommands()) commands.push_back(std::move(command));
  return Catalogue(std::move(commands));
}

const AllowedCommand* Catalogue::Find(const std::vector<std::string>& arguments) const {
  const AllowedCommand* best = nullptr;
  for (const AllowedCommand& command : commands_) {
    if (!HasPrefix(command.prefix, arguments)) continue;
    if (best == nullptr || command.prefix.size() > best->prefix.size()) best = &command;
  }
  return best != nullptr && HasRefused(*best, arguments) ? nullptr : best;
}

}  // namespace vigia::runbooks
