#include "http/timers.h"

#include <gtest/gtest.h>

namespace vigia::http {
namespace {

using std::chrono::seconds;

class TimersTest : public testing::Test {
 protected:
  Timers timers_{{Duration(0), seconds(75), seconds(5), seconds(5), seconds(3), seconds(10), seconds(1)}};
  const MonoTime start_{};
};

TEST_F(TimersTest, ExpireInOrder) {
  Deadline a, b;
  timers_.Set(a, Limit::kHead, start_, Timers::Renew::kYes);
  timers_.Set(b, Limit::kBody, start_, Timers::Renew::kYes);
  EXPECT_EQ(timers_.Next(), start_ + seconds(3));
  EXPECT_EQ(timers_.Expired(start_ + seconds(2)), nullptr);
  EXPECT_EQ(timers_.Expired(start_ + seconds(3)), &b);
  timers_.Set(b, Limit::kNone, start_, Timers::Renew::kYes);
  EXPECT_EQ(timers_.Expired(start_ + seconds(5)), &a);
}

TEST_F(TimersTest, ASlowSenderGainsNoTime) {
  Deadline a;
  timers_.Set(a, Limit::kHead, start_, Timers::Renew::kNo);
  timers_.Set(a, Limit::kHead, start_ + seconds(4), Timers::Renew::kNo);
  EXPECT_EQ(timers_.Expired(start_ + seconds(5)), &a);
  timers_.Set(a, Limit::kHead, start_ + seconds(4), Timers::Renew::kYes);
  EXPECT_EQ(timers_.Expired(start_ + seconds(5)), nullptr);
}

TEST_F(TimersTest, ADestroyedDeadlineLeaves) {
  {
    Deadline a;
    timers_.Set(a, Limit::kIdle, start_, Timers::Renew::kYes);
    EXPECT_EQ(timers_.Oldest(Limit::kIdle), &a);
  }
  EXPECT_EQ(timers_.Oldest(Limit::kIdle), nullptr);
  EXPECT_EQ(timers_.Next(), std::nullopt);
}

}  // namespace
}  // namespace vigia::http
