#include "signals/window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

namespace vigia::signals {
namespace {

using testing::DoubleNear;
using testing::Optional;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

// Seconds since 1970 and values.
std::vector<Point> Points(std::initializer_list<std::pair<double, double>> list) {
  std::vector<Point> points;
  for (const auto& [at, value] : list) points.push_back({static_cast<int64_t>(at * 1e6), value});
  return points;
}

std::optional<double> Evaluated(Function function, const std::vector<Point>& points, double now, double window) {
  return Evaluate(function, points, WallTime(Duration(static_cast<int64_t>(now * 1e6))),
                  Duration(static_cast<int64_t>(window * 1e6)));
}

TEST(WindowTest, FoldsWhatIsInside) {
  const auto points = Points({{10, 100}, {20, 1}, {30, 5}, {40, 3}, {50, 1000}});
  // (10, 40]: the left border is outside, the right one inside, the future is not seen.
  const std::pair<Function, double> wants[] = {{Function::kLast, 3}, {Function::kAvg, 3}, {Function::kMin, 1},
                                               {Function::kMax, 5},  {Function::kSum, 9}, {Function::kCount, 3},
                                               {Function::kAge, 0}};
  for (const auto& [function, want] : wants) {
    EXPECT_THAT(Evaluated(function, points, 40, 30), Optional(want)) << static_cast<int>(function);
  }
  EXPECT_THAT(Evaluated(Function::kAge, points, 47, 30), Optional(7.0));
}

TEST(WindowTest, NothingInsideIsNothing) {
  const auto points = Points({{10, 1}});
  for (const Function function : {Function::kLast, Function::kAvg, Function::kCount, Function::kRate, Function::kAge}) {
    EXPECT_EQ(Evaluated(function, points, 100, 30), std::nullopt);
    EXPECT_EQ(Evaluated(function, points, 5, 30), std::nullopt);
    EXPECT_EQ(Evaluated(function, {}, 5, 30), std::nullopt);
  }
  EXPECT_EQ(Evaluated(Function::kRate, points, 12, 30), std::nullopt) << "one sample has no rate";
}

TEST(WindowTest, AnEndedSeriesHasNoNewestButAPast) {
  const auto points = Points({{10, 1}, {20, 3}, {30, kNaN}});
  EXPECT_EQ(Evaluated(Function::kLast, points, 30, 60), std::nullopt);
  EXPECT_EQ(Evaluated(Function::kAge, points, 30, 60), std::nullopt);
  EXPECT_THAT(Evaluated(Function::kAvg, points, 30, 60), Optional(2.0));
  EXPECT_THAT(Evaluated(Function::kLast, Points({{10, 1}, {20, kNaN}, {30, 7}}), 30, 60), Optional(7.0));
}

// By hand, from the rules of promql's extrapolatedRate.
TEST(WindowTest, UptimeIsAShareOfTime) {
  const auto up = [](const std::vector<Point>& points) { return Evaluated(Function::kUptime, points, 100, 100); };
  const auto point = [](int64_t second, double value) { return Point{second * 1'000'000, value}; };
  EXPECT_THAT(up({point(90, 1)}), Optional(1.0)) << "what was before counts as up";
  EXPECT_THAT(up({point(90, 0)}), Optional(0.9)) << "down until now";
  EXPECT_THAT(up({point(10, 1), point(20, 0), point(26, 1), point(27, 1), point(28, 1)}), Optional(0.94))
      << "however many samples there are of each";
  EXPECT_THAT(up({point(-50, 0), point(30, 1)}), Optional(0.7)) << "what was before the window holds into it";
  EXPECT_THAT(up({point(50, 0), point(60, NAN)}), Optional(0.9)) << "a series that has ended says nothing";
  EXPECT_THAT(up({point(50, 0), point(60, 1), point(150, 0)}), Optional(0.9)) << "nor what is to come";
  EXPECT_THAT(up({point(-50, 0)}), testing::Eq(std::nullopt)) << "nothing was seen in the window";
}

TEST(WindowTest, RatesAsPrometheusDoes) {
  // Every 10 s from 0, plus 10: the window ends at the last sample and begins between two.
  const auto steady = Points({{0, 0}, {10, 10}, {20, 20}, {30, 30}, {40, 40}, {50, 50}, {60, 60}});
  EXPECT_THAT(Evaluated(Function::kIncrease, steady, 60, 60), Optional(DoubleNear(60, 1e-9)));
  EXPECT_THAT(Evaluated(Function::kRate, steady, 60, 60), Optional(DoubleNear(1, 1e-12)));
  // A restart: 20 -> 5 counts as 5.
  const auto reset = Points({{10, 10}, {20, 20}, {30, 5}, {40, 15}});
  EXPECT_THAT(Evaluated(Function::kIncrease, reset, 40, 30.5),
              Optional(DoubleNear((10 + 5 + 10) * (30 + 0.5) / 30, 1e-9)));
  // Far from the borders: half a step is added on each side.
  const auto middle = Points({{100, 50}, {110, 60}, {120, 70}});
  EXPECT_THAT(Evaluated(Function::kIncrease, middle, 200, 200), Optional(DoubleNear(20 * (20 + 5 + 5) / 20.0, 1e-9)));
  // Never below zero at the start: a counter born at 2 grew 2 per second for one second at most.
  const auto born = Points({{100, 2}, {110, 22}, {120, 42}});
  EXPECT_THAT(Evaluated(Function::kIncrease, born, 120, 60), Optional(DoubleNear(40 * (20 + 1) / 20.0, 1e-9)));
}

TEST(WindowTest, ARateIsNeverNegative) {
  EXPECT_TRUE(rc::check([](const std::vector<uint16_t>& values) {
    std::vector<Point> points;
    for (const uint16_t value : values) {
      points.push_back({static_cast<int64_t>(points.size() + 1) * 1'000'000, static_cast<double>(value)});
    }
    const auto increase = Evaluated(Function::kIncrease, points, static_cast<double>(points.size()), 30);
    RC_ASSERT(increase.has_value() == (points.size() >= 2));
    RC_ASSERT(!increase || *increase >= 0);
  }));
}

TEST(HistogramQuantileTest, Interpolates) {
  const std::vector<Bucket> buckets = {{0.1, 50}, {0.5, 90}, {1, 100}, {kInf, 100}};
  EXPECT_THAT(HistogramQuantile(0.5, buckets), Optional(DoubleNear(0.1, 1e-12)));
  EXPECT_THAT(HistogramQuantile(0.95, buckets), Optional(DoubleNear(0.75, 1e-12)));
  EXPECT_THAT(HistogramQuantile(0.25, buckets), Optional(DoubleNear(0.05, 1e-12)));
  EXPECT_THAT(HistogramQuantile(1, buckets), Optional(DoubleNear(1, 1e-12)));
  EXPECT_THAT(HistogramQuantile(0.99, {{kInf, 100}, {1, 10}}), Optional(1.0)) << "above the last bound: that bound";
  EXPECT_THAT(HistogramQuantile(0.5, {{-1, 60}, {kInf, 100}}), Optional(-1.0));
  EXPECT_THAT(HistogramQuantile(0.5, {{1, 10}, {2, 8}, {kInf, 20}}), Optional(1.0)) << "a bucket cannot fall";
}

TEST(HistogramQuantileTest, IsNothingWithoutCounts) {
  EXPECT_EQ(HistogramQuantile(0.5, {}), std::nullopt);
  EXPECT_EQ(HistogramQuantile(0.5, {{1, 10}, {2, 20}}), std::nullopt) << "no +Inf";
  EXPECT_EQ(HistogramQuantile(0.5, {{kInf, 20}}), std::nullopt);
  EXPECT_EQ(HistogramQuantile(0.5, {{1, 0}, {kInf, 0}}), std::nullopt);
  EXPECT_EQ(HistogramQuantile(1.5, {{1, 10}, {kInf, 20}}), std::nullopt);
  EXPECT_EQ(HistogramQuantile(0.5, {{kNaN, 10}, {1, kNaN}, {kInf, kNaN}}), std::nullopt);
}

TEST(HistogramQuantileTest, GrowsWithTheQuantile) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& counts, double a, double b) {
    std::vector<Bucket> buckets;
    double total = 0;
    for (const uint8_t count : counts) {
      total += count;
      buckets.push_back({static_cast<double>(buckets.size() + 1), total});
    }
    buckets.push_back({kInf, total});
    const double low = std::abs(std::fmod(a, 1.0)), high = std::max(low, std::abs(std::fmod(b, 1.0)));
    const auto first = HistogramQuantile(low, buckets), second = HistogramQuantile(high, buckets);
    RC_ASSERT(first.has_value() == second.has_value());
    RC_ASSERT(!first || (*first <= *second && *second <= static_cast<double>(counts.size())));
  }));
}

}  // namespace
}  // namespace vigia::signals
