#include "notify/sms.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "notify/http_channel.h"
#include "notify/http_receipt.h"

namespace vigia::notify {
namespace {

std::string Encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

// At most so many bytes, and no half character.
std::string Cut(std::string text, size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0U) == 0x80U) --longest;
  return text.substr(0, longest);
}

}  // namespace

SmsSettings LoadSms(config::MapReader& reader, const ChannelWorld& world) {
  using Format = SmsSettings::Format;
  SmsSettings settings;
  settings.url = ReadRequiredSecret(reader, "url", world);
  settings.format =
      reader.Choice<Format>("format", {{"form", Format::kForm}, {"json", Format::kJson}}, settings.format);
  settings.to = reader.Text("to", settings.to);
  settings.text = reader.Text("text", settings.text);
  if (const config::YamlNode* fields = reader.Map("fields")) {
    for (const auto& [name, value] : fields->map) settings.fields.emplace_back(name, value.scalar);
  }
  settings.username = reader.Text("username");
  settings.password = ReadSecret(reader, "password", world);
  settings.longest = reader.Integer("longest", settings.longest);
  if (settings.longest < 40) reader.Add(reader.Line("longest"), "'longest' must be at least 40 bytes");
  return settings;
}

net::HttpRequest SmsRequest(const SmsSettings& settings, const Message& message) {
  const std::string acknowledge =
      message.kind == MessageKind::kPage && !message.incident.empty() ? "\nvigia incident ack " + message.incident : "";
  const size_t longest = static_cast<size_t>(settings.longest);
  const std::string text = Cut(message.subject, longest - std::min(longest, acknowledge.size())) + acknowledge;
  Json fields = {{settings.to, message.address}, {settings.text, text}};
  for (const auto& [name, value] : settings.fields) fields[name] = value;
  net::HttpRequest request = JsonPost(settings.url.Reveal(), message, fields);
  if (settings.format == SmsSettings::Format::kForm) {
    request.headers[0].second = "application/x-www-form-urlencoded";
    request.body.clear();
    for (const auto& [name, value] : fields.items()) {
      request.body += (request.body.empty() ? "" : "&") + Encode(name) + "=" + Encode(value.get<std::string>());
    }
  }
  if (!settings.username.empty()) {
    request.headers.emplace_back("Authorization",
                                 "Basic " + Base64(settings.username + ":" + settings.password.Reveal()));
  } else if (!settings.password.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + settings.password.Reveal());
  }
  return request;
}

std::unique_ptr<Channel> MakeSms(std::string name, SmsSettings settings, const ChannelWorld& world) {
  return MakeHttpChannel(
      std::move(name), [settings](const Message& message) { return SmsRequest(settings, message); }, world);
}

}  // namespace vigia::notify
