#include "controller/steady_time.h"

#include <gtest/gtest.h>

namespace vigia::controller {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr WallTime kStart{hours(24 * 20'000)};

MonoTime Mono(Duration since) { return MonoTime(since); }

TEST(SteadyTimeTest, FollowsTheWallClock) {
  SteadyTime time(kStart, Mono(seconds(5)), WallTime{});
  EXPECT_EQ(time.now(), kStart);
  EXPECT_EQ(time.Advance(kStart + seconds(10), Mono(seconds(15))), kStart + seconds(10));
}

TEST(SteadyTimeTest, CreepsAfterAJump) {
  SteadyTime ahead(kStart, Mono(seconds(0)), WallTime{});
  EXPECT_EQ(ahead.Advance(kStart + hours(2), Mono(seconds(10))), kStart + seconds(11));
  SteadyTime back(kStart, Mono(seconds(0)), WallTime{});
  EXPECT_EQ(back.Advance(kStart - hours(2), Mono(seconds(10))), kStart + seconds(9));
  EXPECT_EQ(back.Advance(kStart - hours(2), Mono(seconds(10))), kStart + seconds(9));  // never back
  SteadyTime small(kStart, Mono(seconds(0)), WallTime{});
  EXPECT_EQ(small.Advance(kStart + seconds(10) + milliseconds(300), Mono(seconds(10))),
            kStart + seconds(10) + milliseconds(300));
}

TEST(SteadyTimeTest, DoesNotBeginBeforeTheJournal) {
  EXPECT_EQ(SteadyTime(kStart, Mono(seconds(0)), kStart + hours(1)).now(), kStart + hours(1));
  EXPECT_EQ(SteadyTime(kStart, Mono(seconds(0)), kStart + hours(48)).now(), kStart);  // the journal is wrong
}

}  // namespace
}  // namespace vigia::controller
