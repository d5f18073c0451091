// PagerDuty's Events API v2. An incident is one PagerDuty incident: its id is the deduplication key.
#pragma once

#include <memory>

#include "notify/messenger.h"
#include "notify/settings.h"

namespace vigia::notify {

struct PagerDutySettings {
  std::string url = "https://events.pagerduty.com/v2/enqueue";
  Secret routing_key;
};

PagerDutySettings LoadPagerDuty(config::MapReader& reader, const ChannelWorld& world);
Json PagerDutyEvent(const PagerDutySettings& settings, const Message& message);
std::unique_ptr<Channel> MakePagerDuty(std::string name, PagerDutySettings settings, const ChannelWorld& world);

}  // namespace vigia::notify
