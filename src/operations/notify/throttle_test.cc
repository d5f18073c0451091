#include "notify/throttle.h"

#include <gtest/gtest.h>

#include "notify/testing/start.h"

namespace vigia::notify {
namespace {

using std::chrono::seconds;

TEST(ThrottleTest, PagesHaveRoomAndCriticalOnesAlwaysGo) {
  const ThrottleSettings settings{4, seconds(60)};
  struct Case {
    MessageKind kind;
    checks::Severity severity;
    int sent;
    std::optional<Duration> wait;
  };
  const Case cases[] = {
      {MessageKind::kInform, checks::Severity::kP1, 1, {}},
      {MessageKind::kInform, checks::Severity::kP1, 2, seconds(50)},  // until the older of the last two is a minute old
      {MessageKind::kPage, checks::Severity::kP2, 3, {}},
      {MessageKind::kPage, checks::Severity::kP2, 4, seconds(50)},
      {MessageKind::kPage, checks::Severity::kP1, 400, {}},
      {MessageKind::kApproval, checks::Severity::kP3, 4, seconds(50)},
  };
  for (const Case& c : cases) {
    Message message;
    message.kind = c.kind;
    message.severity = c.severity;
    const std::deque<WallTime> sent(static_cast<size_t>(c.sent), kStart - seconds(10));
    EXPECT_EQ(MustWait(sent, message, settings, kStart), c.wait) << c.sent;
  }
}

TEST(ThrottleTest, OldOnesDoNotCount) {
  Message message;
  const ThrottleSettings settings{2, seconds(60)};
  message.severity = checks::Severity::kP2;
  const std::deque<WallTime> sent = {kStart - seconds(60), kStart - seconds(30)};
  EXPECT_FALSE(MustWait(sent, message, settings, kStart).has_value());
}

}  // namespace
}  // namespace vigia::notify
