// A generic webhook in the shape of Alertmanager's (version 4), so that whatever reads those reads ours.
#pragma once

#include <memory>

#include "notify/messenger.h"
#include "notify/settings.h"

namespace vigia::notify {

struct WebhookSettings {
  Secret url;
  Secret token;              // sent as a bearer token when set
  std::string external_url;  // of the dashboard
};

WebhookSettings LoadWebhook(config::MapReader& reader, const ChannelWorld& world);
Json WebhookBody(const std::string& channel, const WebhookSettings& settings, const Message& message);
std::unique_ptr<Channel> MakeWebhook(std::string name, WebhookSettings settings, const ChannelWorld& world);

}  // namespace vigia::notify
