#include "notify/pagerduty.h"

#include "notify/http_channel.h"
#include "notify/http_receipt.h"

namespace vigia::notify {
namespace {

constexpr size_t kLongestSummary = 1024;  // theirs
constexpr size_t kLongestKey = 255;

std::string_view SeverityOf(checks::Severity severity) {
  switch (severity) {
    case checks::Severity::kP1: return "critical";
    case checks::Severity::kP2: return "error";
    case checks::Severity::kP3: return "warning";
    case checks::Severity::kP4: return "info";
  }
  return "info";
}

}  // namespace

PagerDutySettings LoadPagerDuty(config::MapReader& reader, const ChannelWorld& world) {
  PagerDutySettings settings;
  settings.url = reader.Text("url", settings.url);
  settings.routing_key = ReadRequiredSecret(reader, "routing_key", world);
  return settings;
}

Json PagerDutyEvent(const PagerDutySettings& settings, const Message& message) {
  const std::string key = message.incident.empty() ? message.id : message.incident;
  Json event = {{"routing_key", settings.routing_key.Reveal()},
                {"event_action", message.kind == MessageKind::kResolved ? "resolve" : "trigger"},
                {"dedup_key", key.substr(0, kLongestKey)}};
  if (message.kind == MessageKind::kResolved) return event;
  event["client"] = "Vigia";
  event["payload"] = {{"summary", message.subject.substr(0, kLongestSummary)},
                      {"source", "vigia"},
                      {"severity", SeverityOf(message.severity)},
                      {"timestamp", FormatTime(message.created_at)},
                      {"custom_details", {{"text", message.body}, {"level", message.level}}}};
  return event;
}

std::unique_ptr<Channel> MakePagerDuty(std::string name, PagerDutySettings settings, const ChannelWorld& world) {
  return MakeHttpChannel(
      std::move(name),
      [settings](const Message& message) { return JsonPost(settings.url, message, PagerDutyEvent(settings, message)); },
      world);
}

}  // namespace vigia::notify
