#include "notify/webhook.h"

#include "notify/http_channel.h"
#include "notify/http_receipt.h"
#include "signals/labels.h"

namespace vigia::notify {

WebhookSettings LoadWebhook(config::MapReader& reader, const ChannelWorld& world) {
  WebhookSettings settings;
  settings.url = ReadRequiredSecret(reader, "url", world);
  settings.token = ReadSecret(reader, "token", world);
  settings.external_url = reader.Text("external_url");
  return settings;
}

Json WebhookBody(const std::string& channel, const WebhookSettings& settings, const Message& message) {
  const bool resolved = message.kind == MessageKind::kResolved;
  const std::string status = resolved ? "resolved" : "firing";
  signals::LabelSet labels = {{"alertname", "vigia"},
                              {"incident", message.incident},
                              {"severity", std::string(checks::SeverityWord(message.severity))}};
  const Json group = labels.ToJson();
  const Json annotations = {{"summary", message.subject}, {"description", message.body}};
  const std::string at = FormatTime(message.created_at);
  const Json alert = {{"status", status},
                      {"labels", group},
                      {"annotations", annotations},
                      {"startsAt", at},
                      {"endsAt", resolved ? at : "0001-01-01T00:00:00Z"},
                      {"generatorURL", settings.external_url},
                      {"fingerprint", signals::FormatFingerprint(labels.Fingerprint())}};
  return {{"version", "4"},
          {"groupKey", "{}:{incident=\"" + message.incident + "\"}"},
          {"truncatedAlerts", 0},
          {"status", status},
          {"receiver", channel},
          {"groupLabels", {{"incident", message.incident}}},
          {"commonLabels", group},
          {"commonAnnotations", annotations},
          {"externalURL", settings.external_url},
          {"alerts", Json::array({alert})}};
}

std::unique_ptr<Channel> MakeWebhook(std::string name, WebhookSettings settings, const ChannelWorld& world) {
  const std::string channel = name;
  return MakeHttpChannel(
      std::move(name),
      [settings, channel](const Message& message) {
        net::HttpRequest request = JsonPost(settings.url.Reveal(), message, WebhookBody(channel, settings, message));
        if (!settings.token.empty()) request.headers.emplace_back("Authorization", "Bearer " + settings.token.Reveal());
        return request;
      },
      world);
}

}  // namespace vigia::notify
