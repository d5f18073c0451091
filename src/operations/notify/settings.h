// What channels share when they read their part of the configuration.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/secret.h"
#include "config/map_reader.h"
#include "net/http_client.h"
#include "net/mail.h"

namespace vigia::notify {

// What channels need of the world. All outlive them.
struct ChannelWorld {
  net::HttpClient& http;
  net::MailClient& mail;
  const Clock& clock;
  const Files& files;
  std::function<std::optional<std::string>(const std::string&)> environment;
};

// `key: {env: NAME}`, `key: {file: PATH}` (its first line) or the text itself. A variable or file that
// is missing is a problem.
Secret ReadSecret(config::MapReader& reader, std::string_view key, const ChannelWorld& world);
Secret ReadRequiredSecret(config::MapReader& reader, std::string_view key, const ChannelWorld& world);

}  // namespace vigia::notify
