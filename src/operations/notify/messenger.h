// Sends what the outbox holds.
#pragma once

#include <string>
#include <vector>

#include "notify/message.h"

namespace vigia::notify {

// One channel: e-mail, Slack-compatible webhook, SMS gateway, generic webhook, PagerDuty.
// Blocks for at most its own timeout; thread-safe.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual const std::string& name() const = 0;
  virtual Receipt Send(const Message& message) = 0;
};

// Never blocks. Called by the controller's thread.
class Messenger {
 public:
  virtual ~Messenger() = default;
  virtual void Start(const Message& message) = 0;
  virtual std::vector<Receipt> Poll() = 0;  // of messages that have ended since the last call
};

}  // namespace vigia::notify
