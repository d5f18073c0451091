// How many messages a channel may carry. Pure.
#pragma once

#include <deque>
#include <optional>

#include "notify/message.h"

namespace vigia::notify {

struct ThrottleSettings {
  int most = 30;
  Duration per = std::chrono::minutes(1);
};

// How long a message must wait; nothing when it may go now. `sent`: when others went, rising.
// Critical pages always go; what only informs gets half, so that a flood of it leaves room for pages.
std::optional<Duration> MustWait(const std::deque<WallTime>& sent, const Message& message,
                                 const ThrottleSettings& settings, WallTime now);

}  // namespace vigia::notify
