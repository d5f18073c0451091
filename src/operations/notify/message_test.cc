#include "notify/message.h"

#include <gtest/gtest.h>

#include "notify/testing/start.h"

namespace vigia::notify {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Message Pending() {
  Message message;
  message.id = "INC-1/0/0/ana/sms";
  message.created_at = kStart;
  message.next_at = kStart;
  return message;
}

TEST(MessageTest, BacksOffAndGivesUp) {
  const RetrySettings settings;
  Message message = Pending();
  WallTime now = kStart;
  std::string waits;
  while (message.state == MessageState::kPending) {
    EXPECT_TRUE(IsDue(message, now));
    EXPECT_FALSE(IsDue(message, now - seconds(1)));
    message = AfterAttempt(message, {message.id, false, false, "refused", {}}, settings, now);
    waits += std::to_string((message.next_at - now) / seconds(1)) + " ";
    now = message.next_at;
  }
  EXPECT_EQ(message.state, MessageState::kGaveUp);
  EXPECT_EQ(waits, "5 10 20 40 80 160 300 300 300 300 300 ");
  EXPECT_EQ(message.last_error, "refused");
}

TEST(MessageTest, SentFinalAndRetryAfter) {
  const RetrySettings settings;
  EXPECT_EQ(AfterAttempt(Pending(), {"", true, false, "", {}}, settings, kStart).state, MessageState::kSent);
  EXPECT_EQ(AfterAttempt(Pending(), {"", false, true, "no such number", {}}, settings, kStart).state,
            MessageState::kGaveUp);
  EXPECT_EQ(AfterAttempt(Pending(), {"", false, false, "busy", seconds(60)}, settings, kStart).next_at,
            kStart + seconds(60));
}

TEST(MessageTest, CancelTouchesOnlyPendingOnes) {
  Message message = Cancel(Pending());
  EXPECT_EQ(message.state, MessageState::kCancelled);
  EXPECT_FALSE(IsDue(message, kStart));
  EXPECT_EQ(AfterAttempt(message, {"", true, false, "", {}}, {}, kStart).state, MessageState::kCancelled);
  message.state = MessageState::kSent;
  EXPECT_EQ(Cancel(message).state, MessageState::kSent);
}

TEST(MessageTest, JsonRoundTrip) {
  Message message = Pending();
  message.kind = MessageKind::kApproval;
  message.severity = checks::Severity::kP2;
  message.subject = "s";
  const auto back = Message::FromJson(message.ToJson());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->ToJson(), message.ToJson());
  EXPECT_FALSE(Message::FromJson({{"id", "x"}}).ok());
}

}  // namespace
}  // namespace vigia::notify
