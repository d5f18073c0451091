// Slack's incoming webhook, and what imitates it (Mattermost, Rocket.Chat, Discord's /slack).
// A message's address is a room ("#ops-alerts") or a user ("@ana", "U024BE7LH"); empty: the webhook's own.
#pragma once

#include <memory>

#include "notify/messenger.h"
#include "notify/settings.h"

namespace vigia::notify {

struct SlackSettings {
  Secret url;  // who knows it may write
};

SlackSettings LoadSlack(config::MapReader& reader, const ChannelWorld& world);  // {kind: slack, url: {env: SLACK_URL}}
Json SlackBody(const Message& message);
std::unique_ptr<Channel> MakeSlack(std::string name, SlackSettings settings, const ChannelWorld& world);

}  // namespace vigia::notify
