// The explicit list of channel kinds, and channels from the configuration.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "notify/messenger.h"
#include "notify/settings.h"
#include "notify/throttle.h"

namespace vigia::notify {

struct ConfiguredChannel {
  std::unique_ptr<Channel> channel;
  ThrottleSettings throttle;
  int line = 0;
};

// email: {kind: email, …, throttle: {most: 30, per: 1m}}
// One with problems is left out.
std::vector<ConfiguredChannel> LoadChannels(const config::YamlNode& map, const std::string& file,
                                            const ChannelWorld& world, std::vector<config::Problem>& problems);

}  // namespace vigia::notify
