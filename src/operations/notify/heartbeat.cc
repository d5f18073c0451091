#include "notify/heartbeat.h"

#include "notify/http_channel.h"
#include "notify/http_receipt.h"

namespace vigia::notify {

HeartbeatSettings LoadHeartbeat(const config::YamlNode& node, const std::string& file, const ChannelWorld& world,
                                std::vector<config::Problem>& problems) {
  HeartbeatSettings settings;
  config::MapReader reader(node, file, "heartbeat", problems);
  settings.url = ReadRequiredSecret(reader, "url", world);
  settings.every = reader.Time("every", settings.every);
  if (settings.every < std::chrono::seconds(1)) reader.Add(reader.Line("every"), "'every' must be at least 1s");
  reader.Finish();
  return settings;
}

std::optional<Message> DueHeartbeat(const HeartbeatSettings& settings, std::optional<WallTime> last, WallTime now) {
  // A wall clock that went back must not silence it.
  if (last && *last <= now && now - *last < settings.every) return std::nullopt;
  Message message;
  message.id = "heartbeat/" + FormatTime(now);
  message.kind = MessageKind::kHeartbeat;
  message.severity = checks::Severity::kP4;
  message.channel = kHeartbeatChannel;
  message.subject = "Vigia keeps watch";
  message.created_at = now;
  message.next_at = now;
  return message;
}

std::unique_ptr<Channel> MakeHeartbeat(HeartbeatSettings settings, const ChannelWorld& world) {
  return MakeHttpChannel(
      kHeartbeatChannel,
      [settings](const Message& message) {
        return JsonPost(settings.url.Reveal(), message, {{"status", "up"}, {"at", FormatTime(message.created_at)}});
      },
      world);
}

}  // namespace vigia::notify
