#include "auth/rate_limiter.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <thread>
#include <vector>

namespace vigia::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const MonoTime kStart{seconds(1000)};

TEST(RateLimiterTest, AllowsTheBurstAndThenTheRate) {
  RateLimiter limiter;
  const Rate rate{10, 10};
  for (int i = 0; i < 10; ++i) {
    const RateDecision decision = limiter.Take(1, rate, kStart);
    EXPECT_TRUE(decision.allowed);
    EXPECT_EQ(decision.limit, 10);
    EXPECT_EQ(decision.remaining, 9 - i);
  }
  const RateDecision denied = limiter.Take(1, rate, kStart);
  EXPECT_FALSE(denied.allowed);
  EXPECT_EQ(denied.remaining, 0);
  EXPECT_EQ(denied.retry_after, seconds(6));
  EXPECT_FALSE(limiter.Take(1, rate, kStart + milliseconds(5999)).allowed);
  EXPECT_TRUE(limiter.Take(1, rate, kStart + seconds(6)).allowed);
  EXPECT_FALSE(limiter.Take(1, rate, kStart + seconds(6)).allowed);
  EXPECT_EQ(limiter.Look(1, rate, kStart + seconds(3600)).remaining, 10);
}

TEST(RateLimiterTest, ClientsDoNotShare) {
  RateLimiter limiter;
  const Rate one{1, 1};
  EXPECT_TRUE(limiter.Take(RateLimiter::IdOf("a"), one, kStart).allowed);
  EXPECT_TRUE(limiter.Take(RateLimiter::IdOf("b"), one, kStart).allowed);
  EXPECT_FALSE(limiter.Take(RateLimiter::IdOf("a"), one, kStart).allowed);
}

TEST(RateLimiterTest, LookingTakesNothing) {
  RateLimiter limiter;
  const Rate one{1, 1};
  EXPECT_EQ(limiter.Look(1, one, kStart).remaining, 1);
  EXPECT_TRUE(limiter.Take(1, one, kStart).allowed);
  EXPECT_EQ(limiter.Look(1, one, kStart).remaining, 0);
}

TEST(RateLimiterTest, ForgetsTheLongestUnseenWhenFull) {
  RateLimiter limiter(8);
  const Rate one{1, 1};
  for (uint64_t id = 1; id <= 8; ++id) EXPECT_TRUE(limiter.Take(id, one, kStart + seconds(id)).allowed);
  EXPECT_TRUE(limiter.Take(9, one, kStart + seconds(9)).allowed);
  EXPECT_FALSE(limiter.Take(8, one, kStart + seconds(10)).allowed);  // still known
  EXPECT_TRUE(limiter.Take(1, one, kStart + seconds(10)).allowed);   // forgotten
}

TEST(RateLimiterTest, NeverAllowsMoreThanBurstAndRate) {
  EXPECT_TRUE(rc::check("allowed <= burst + rate x time", [] {
    RateLimiter limiter;
    const double rpm = *rc::gen::inRange(1, 600);
    const double burst = *rc::gen::inRange(1, 50);
    const auto gaps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 2000));
    MonoTime now = kStart;
    double allowed = 0;
    for (const int gap : gaps) {
      now += milliseconds(gap);
      allowed += limiter.Take(5, {rpm, burst}, now).allowed ? 1 : 0;
    }
    const double minutes = std::chrono::duration<double>(now - kStart).count() / 60;
    RC_ASSERT(allowed <= burst + rpm * minutes + 1e-6);
  }));
}

TEST(RateLimiterTest, LoopsTogetherTakeNoMoreThanOne) {
  RateLimiter limiter;
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) allowed += limiter.Take(3, {60, 1000}, kStart).allowed ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 1000);
}

}  // namespace
}  // namespace vigia::auth
