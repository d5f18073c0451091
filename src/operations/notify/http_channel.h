// A channel that is one HTTP call for each message.
#pragma once

#include <functional>
#include <memory>

#include "notify/messenger.h"
#include "notify/settings.h"

namespace vigia::notify {

using ToRequest = std::function<net::HttpRequest(const Message&)>;
std::unique_ptr<Channel> MakeHttpChannel(std::string name, ToRequest to_request, const ChannelWorld& world);

}  // namespace vigia::notify
