// The outbox: a message is committed together with what caused it, then sent at least once,
// with a key by which receivers drop a second copy. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "checks/severity.h"

namespace vigia::notify {

enum class MessageKind { kPage, kInform, kResolved, kApproval, kHeartbeat };
enum class MessageState { kPending, kSent, kGaveUp, kCancelled };

struct Message {
  std::string id;  // incident/round/level/person/channel: the same page has the same id
  MessageKind kind = MessageKind::kPage;
  MessageState state = MessageState::kPending;
  std::string incident;  // empty: about the operator itself
  checks::Severity severity = checks::Severity::kP3;
  std::string person;   // empty: a room
  std::string channel;  // name of the channel
  std::string address;
  std::string level;    // "L1"
  std::string subject;  // one line
  std::string body;     // plain text
  WallTime created_at{};
  int attempts = 0;
  WallTime next_at{};  // not before; of kPending
  std::string last_error;

  Json ToJson() const;
  static Result<Message> FromJson(const Json& json);
};

struct Receipt {
  std::string message;  // id
  bool delivered = false;
  bool final = false;  // a refusal that trying again cannot change
  std::string error;   // one line, without secrets
  std::optional<Duration> retry_after;
};

struct RetrySettings {
  Duration first = std::chrono::seconds(5);
  Duration longest = std::chrono::minutes(5);
  Duration give_up_after = std::chrono::minutes(30);
};

bool IsDue(const Message& message, WallTime now);
// Exponential, doubling from `first`. (message, receipt, now) -> message'.
Message AfterAttempt(Message message, const Receipt& receipt, const RetrySettings& settings, WallTime now);
Message Cancel(Message message);  // no effect on one that is not pending

}  // namespace vigia::notify
