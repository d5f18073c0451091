#include "notify/message.h"

#include <algorithm>
#include <array>

namespace vigia::notify {
namespace {

// Stored; never change.
constexpr std::array<std::string_view, 5> kMessageKinds = {"page", "inform", "resolved", "approval", "heartbeat"};
constexpr std::array<std::string_view, 4> kStates = {"pending", "sent", "gave_up", "cancelled"};

template <typename Enum, size_t N>
Result<Enum> FromName(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return Error(Code::kDataLoss, "a stored message has an unknown kind or state");
  return static_cast<Enum>(at - names.begin());
}

}  // namespace

bool IsDue(const Message& message, WallTime now) {
  return message.state == MessageState::kPending && message.next_at <= now;
}

Message AfterAttempt(Message message, const Receipt& receipt, const RetrySettings& settings, WallTime now) {
  if (message.state != MessageState::kPending) return message;
  ++message.attempts;
  message.last_error = receipt.delivered ? "" : receipt.error;
  if (receipt.delivered) {
    message.state = MessageState::kSent;
    return message;
  }
  Duration wait = settings.longest;
  if (message.attempts <= 20)
    wait = std::min<Duration>(settings.longest, settings.first * (1LL << (message.attempts - 1)));
  if (receipt.retry_after) wait = std::clamp(*receipt.retry_after, wait, settings.longest);
  message.next_at = now + wait;
  if (receipt.final || message.next_at - message.created_at > settings.give_up_after) {
    message.state = MessageState::kGaveUp;
  }
  return message;
}

Message Cancel(Message message) {
  if (message.state == MessageState::kPending) message.state = MessageState::kCancelled;
  return message;
}

Json Message::ToJson() const {
  return {{"id", id},
          {"kind", kMessageKinds[static_cast<size_t>(kind)]},
          {"state", kStates[static_cast<size_t>(state)]},
          {"incident", incident},
          {"severity", checks::SeverityName(severity)},
          {"person", person},
          {"channel", channel},
          {"address", address},
          {"level", level},
          {"subject", subject},
          {"body", body},
          {"created_at", FormatTime(created_at)},
          {"attempts", attempts},
          {"next_at", FormatTime(next_at)},
          {"last_error", last_error}};
}

Result<Message> Message::FromJson(const Json& json) {
  Message message;
  message.id = TRY(GetString(json, "id"));
  message.kind = TRY(FromName<MessageKind>(kMessageKinds, TRY(GetString(json, "kind"))));
  message.state = TRY(FromName<MessageState>(kStates, TRY(GetString(json, "state"))));
  message.incident = TRY(GetString(json, "incident"));
  message.severity = checks::ParseSeverity(TRY(GetString(json, "severity"))).value_or(checks::Severity::kP3);
  message.person = TRY(GetString(json, "person"));
  message.channel = TRY(GetString(json, "channel"));
  message.address = TRY(GetString(json, "address"));
  message.level = TRY(GetString(json, "level"));
  message.subject = TRY(GetString(json, "subject"));
  message.body = TRY(GetString(json, "body"));
  message.created_at = TRY(ParseTime(TRY(GetString(json, "created_at"))));
  message.attempts = static_cast<int>(TRY(GetInteger(json, "attempts")));
  message.next_at = TRY(ParseTime(TRY(GetString(json, "next_at"))));
  message.last_error = TRY(GetString(json, "last_error"));
  return message;
}

}  // namespace vigia::notify
