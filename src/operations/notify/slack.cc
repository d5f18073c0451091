#include "notify/slack.h"

#include "notify/http_channel.h"
#include "notify/http_receipt.h"

namespace vigia::notify {
namespace {

// Slack's mark-up reads these three as its own.
std::string Escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

SlackSettings LoadSlack(config::MapReader& reader, const ChannelWorld& world) {
  return {ReadRequiredSecret(reader, "url", world)};
}

Json SlackBody(const Message& message) {
  const std::string& to = message.address;
  const bool user = !to.empty() && to.front() != '#' && !message.person.empty();
  const std::string call = user ? "<@" + Escape(to.front() == '@' ? to.substr(1) : to) + "> " : "";
  Json body = {{"text", call + "*" + Escape(message.subject) + "*\n" + Escape(message.body)}};
  if (!to.empty() && !user) body["channel"] = to;
  return body;
}

std::unique_ptr<Channel> MakeSlack(std::string name, SlackSettings settings, const ChannelWorld& world) {
  return MakeHttpChannel(
      std::move(name),
      [settings](const Message& message) { return JsonPost(settings.url.Reveal(), message, SlackBody(message)); },
      world);
}

}  // namespace vigia::notify
