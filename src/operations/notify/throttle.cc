#include "notify/throttle.h"

#include <algorithm>

namespace vigia::notify {

std::optional<Duration> MustWait(const std::deque<WallTime>& sent, const Message& message,
                                 const ThrottleSettings& settings, WallTime now) {
  const bool page = message.kind == MessageKind::kPage || message.kind == MessageKind::kApproval;
  if (page && message.severity == checks::Severity::kP1) return std::nullopt;
  const auto most = static_cast<size_t>(page ? settings.most : std::max(1, settings.most / 2));
  const auto first = std::upper_bound(sent.begin(), sent.end(), now - settings.per);
  const auto recent = static_cast<size_t>(sent.end() - first);
  if (recent < most) return std::nullopt;
  return *(sent.end() - static_cast<std::ptrdiff_t>(most)) + settings.per - now;
}

}  // namespace vigia::notify
