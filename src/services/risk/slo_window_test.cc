#include "risk/slo_window.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

namespace vigia::risk {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const MonoTime kStart{seconds(5000)};

WindowSums SumsOf(const SloWindow& window, MonoTime now) {
  WindowSums sums;
  window.AddTo(sums, now);
  return sums;
}

TEST(LatencyBucketsTest, AreWithinThreePercent) {
  EXPECT_TRUE(rc::check("the middle is near", [] {
    const int64_t us = *rc::gen::inRange<int64_t>(16, 4'000'000);
    const double middle = LatencyBuckets::MiddleMilliseconds(LatencyBuckets::IndexOf(Duration(us))) * 1000;
    RC_ASSERT(std::abs(middle - static_cast<double>(us)) <= 0.032 * static_cast<double>(us) + 0.5);
  }));
  EXPECT_EQ(LatencyBuckets::IndexOf(std::chrono::hours(1)), LatencyBuckets::kCount - 1);
}

TEST(SloWindowTest, QuantilesOfTheLastMinute) {
  SloWindow window;
  EXPECT_TRUE(std::isnan(SumsOf(window, kStart).Quantile(0.95)));
  for (int i = 1; i <= 100; ++i) window.Add(kStart, milliseconds(i), false);
  EXPECT_NEAR(SumsOf(window, kStart).Quantile(0.5), 50, 2);
  EXPECT_NEAR(SumsOf(window, kStart + seconds(59)).Quantile(0.95), 95, 3);
  EXPECT_EQ(SumsOf(window, kStart + seconds(60)).LatencyCount(), 0U);
}

TEST(SloWindowTest, FailuresOfTheLastTenMinutes) {
  SloWindow window;
  for (int i = 0; i < 10; ++i) window.Add(kStart + seconds(i), milliseconds(1), i < 3);
  WindowSums sums = SumsOf(window, kStart + seconds(10));
  EXPECT_EQ(sums.requests, 10U);
  EXPECT_EQ(sums.failures, 3U);
  sums = SumsOf(window, kStart + seconds(602));
  EXPECT_EQ(sums.requests, 7U);
  EXPECT_EQ(sums.failures, 0U);
  window.Add(kStart + seconds(600), milliseconds(1), true);  // takes the place of the first second
  EXPECT_EQ(SumsOf(window, kStart + seconds(600)).failures, 3U);
}

}  // namespace
}  // namespace vigia::risk
