// The on-call file (oncall.yaml in the home): the directory, the channels and the heartbeat together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "escalation/directory_load.h"
#include "notify/channels.h"
#include "notify/heartbeat.h"

namespace vigia::notify {

struct Oncall {
  escalation::Directory directory;
  std::vector<std::string> channel_names;  // as written, also those that have problems
  std::vector<ConfiguredChannel> channels;
  std::optional<HeartbeatSettings> heartbeat;
  // Of reading the directory, of linting it, and of the channels: a variable with a secret may be
  // missing here and set where the operator runs.
  std::vector<config::Problem> directory_problems;
  std::vector<config::Problem> lint_problems;
  std::vector<config::Problem> channel_problems;
};

// Fails when the file cannot be read or is no YAML. `now` is for the linter.
Result<Oncall> LoadOncall(const std::string& path, const ChannelWorld& world, const calendar::TimeZones& zones,
                          WallTime now);

}  // namespace vigia::notify
