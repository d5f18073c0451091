// SMS through a gateway's HTTP interface: a form or JSON with a field for the number and one for the
// text. With {to: To, text: Body, fields: {From: …}} and a user it is Twilio's.
#pragma once

#include <memory>

#include "notify/messenger.h"
#include "notify/settings.h"

namespace vigia::notify {

struct SmsSettings {
  enum class Format { kForm, kJson };
  Secret url;
  Format format = Format::kForm;
  std::string to = "to";      // the field of the number
  std::string text = "text";  // the field of the text
  std::vector<std::pair<std::string, std::string>> fields;
  std::string username;
  Secret password;        // basic authentication with `username`, else a bearer token
  int64_t longest = 320;  // bytes; a gateway bills every 160
};

SmsSettings LoadSms(config::MapReader& reader, const ChannelWorld& world);
net::HttpRequest SmsRequest(const SmsSettings& settings, const Message& message);
std::unique_ptr<Channel> MakeSms(std::string name, SmsSettings settings, const ChannelWorld& world);

}  // namespace vigia::notify
