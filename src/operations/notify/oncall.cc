#include "notify/oncall.h"

namespace vigia::notify {

Result<Oncall> LoadOncall(const std::string& path, const ChannelWorld& world, const calendar::TimeZones& zones,
                          WallTime now) {
  const std::string text = TRY(world.files.Read(path));
  const config::YamlNode node = TRY(config::ParseYaml(text, path));
  Oncall oncall;
  oncall.directory = escalation::LoadDirectory(node, path, {world.files, zones, ParentPath(path)},
                                               {"channels", "heartbeat"}, oncall.directory_problems);
  if (const config::YamlNode* channels = node.Find("channels")) {
    for (const auto& [name, channel] : channels->map) oncall.channel_names.push_back(name);
    oncall.channels = LoadChannels(*channels, path, world, oncall.channel_problems);
  }
  if (const config::YamlNode* heartbeat = node.Find("heartbeat")) {
    const size_t before = oncall.channel_problems.size();
    HeartbeatSettings settings = LoadHeartbeat(*heartbeat, path, world, oncall.channel_problems);
    if (oncall.channel_problems.size() == before) oncall.heartbeat = std::move(settings);
  }
  if (oncall.directory_problems.empty()) {
    oncall.lint_problems = escalation::LintDirectory(oncall.directory, oncall.channel_names, now);
  }
  return oncall;
}

}  // namespace vigia::notify
