// E-mail. A message's address is the recipient's.
#pragma once

#include <memory>

#include "notify/messenger.h"
#include "notify/settings.h"

namespace vigia::notify {

struct EmailSettings {
  net::MailServer server;
  std::string from;
};

// {kind: email, server: smtp://mail.example.org:587, from: vigia@example.org, username: …, password: …,
//  tls: required | if_offered}
EmailSettings LoadEmail(config::MapReader& reader, const ChannelWorld& world);
net::Mail ToMail(const EmailSettings& settings, const Message& message);
std::unique_ptr<Channel> MakeEmail(std::string name, EmailSettings settings, const ChannelWorld& world);

}  // namespace vigia::notify
