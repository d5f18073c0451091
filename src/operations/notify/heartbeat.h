// A dead man's switch: while the operator lives it calls a service outside, which tells people when
// the calls stop. So silence of the operator itself is noticed.
#pragma once

#include <memory>
#include <optional>

#include "notify/messenger.h"
#include "notify/settings.h"

namespace vigia::notify {

inline constexpr char kHeartbeatChannel[] = "heartbeat";

struct HeartbeatSettings {
  Secret url;
  Duration every = std::chrono::seconds(60);
};

// {url: {env: HEARTBEAT_URL}, every: 60s}
HeartbeatSettings LoadHeartbeat(const config::YamlNode& node, const std::string& file, const ChannelWorld& world,
                                std::vector<config::Problem>& problems);
// Pure. The next one, when it is due: `last` is when the one before was made. Never kept in the outbox:
// one that is late is of no use.
std::optional<Message> DueHeartbeat(const HeartbeatSettings& settings, std::optional<WallTime> last, WallTime now);
std::unique_ptr<Channel> MakeHeartbeat(HeartbeatSettings settings, const ChannelWorld& world);

}  // namespace vigia::notify
