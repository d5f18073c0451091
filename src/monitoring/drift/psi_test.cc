#include "drift/psi.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <cmath>

#include "base/executor.h"
#include "base/random.h"
#include "drift/statistics.h"

namespace vigia::drift {
namespace {

using Counts = std::vector<uint64_t>;

// As for the levels of a category, and no bins of its own.
std::vector<double> Weights(const Counts& baseline) {
  std::vector<double> weights(baseline.begin(), baseline.end());
  for (double& weight : weights) weight += 0.5;
  return weights;
}

PsiTest TestLevels(const Counts& baseline, const Counts& current, size_t tests, const NullSettings& settings = {}) {
  return TestPsi(baseline, current, Weights(baseline), 0.01, tests, settings);
}

TEST(PsiTest, FollowsTheDefinition) {
  // Large counts, so that the smoothing does not matter: shares .5 .5 against .6 .4.
  const double by_hand = 0.1 * std::log(0.6 / 0.5) + -0.1 * std::log(0.4 / 0.5);
  EXPECT_NEAR(Psi(Counts{50000000, 50000000}, Counts{60000000, 40000000}), by_hand, 1e-7);
}

TEST(PsiTest, EqualSharesAreExactlyZeroAtEverySize) {
  EXPECT_TRUE(rc::check("zero", [](const std::vector<uint16_t>& shares) {
    for (const uint64_t b : {1, 7, 1000}) {
      for (const uint64_t c : {1, 3, 100000}) {
        Counts baseline, current;
        for (const uint16_t share : shares) {
          baseline.push_back(share * b);
          current.push_back(share * c);
        }
        RC_ASSERT(std::abs(Psi(baseline, current)) < 1e-12);
        RC_ASSERT(TestLevels(baseline, current, 27).p_value > 0.9);
      }
    }
  }));
}

TEST(PsiTest, PositiveWhenDifferentAndZerosAreTolerated) {
  EXPECT_GT(Psi(Counts{100, 0}, Counts{0, 100}), 1);
  EXPECT_TRUE(std::isfinite(Psi(Counts{100, 0}, Counts{0, 10000000})));
  EXPECT_GT(Psi(Counts{100, 5}, Counts{100, 50}), 0.1);
  EXPECT_EQ(Psi(Counts{100, 5}, Counts{0, 0}), 0);
  EXPECT_EQ(Psi(Counts{}, Counts{}), 0);
  // A bin that nobody uses changes nothing.
  EXPECT_EQ(Psi(Counts{30, 0, 70}, Counts{40, 0, 60}), Psi(Counts{30, 70}, Counts{40, 60}));
}

// The published tool: identical data scored 0.361, and one request 11.5.
TEST(PsiTest, OneRowIsNotADrift) {
  const PsiTest test = TestLevels(Counts(10, 76), Counts{1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 27);
  EXPECT_GT(test.p_value, 0.5);
  EXPECT_GE(test.noise_threshold, test.psi * 0.999);
}

TEST(PsiTest, TheNoiseThresholdFollowsTheSize) {
  // For large counts it is that of χ².
  const PsiTest large = TestLevels(Counts(10, 10000), Counts(10, 10000), 27);
  EXPECT_NEAR(large.noise_threshold / (2e-5 * ChiSquareQuantile(0.01 / 27, 9)), 1, 0.15);
  const PsiTest small = TestLevels(Counts(10, 76), Counts(10, 10), 27);
  EXPECT_GT(small.noise_threshold, 0.25);  // at 100 rows the usual 0.25 is within noise
  EXPECT_LT(small.noise_threshold, 0.6);
}

// Without drift a p-value is uniform: at most a share p of them is at or below p.
TEST(PsiTest, PValuesAreCalibratedWithoutDrift) {
  struct Case {
    uint64_t m, n;
    std::vector<double> shares;
  };
  const std::vector<double> even(10, 0.1), uneven = {0.6, 0.25, 0.1, 0.03, 0.015, 0.004, 0.001};
  for (const Case& c : {Case{765, 100, even}, Case{765, 60, uneven}, Case{765, 1000, uneven}, Case{300, 100000, uneven},
                        Case{20000, 20000, even}}) {
    Rng rng(5);
    Counts baseline(c.shares.size()), current(c.shares.size());
    NullSettings settings;
    settings.noise_threshold = false;
    constexpr int kWindows = 600;
    int below_ten = 0, below_one = 0;
    for (int i = 0; i < kWindows; ++i) {
      DrawMultinomial(rng, c.m, c.shares, baseline);
      DrawMultinomial(rng, c.n, c.shares, current);
      settings.seed = static_cast<uint64_t>(i);
      const double p = TestLevels(baseline, current, 1, settings).p_value;
      below_ten += p <= 0.10 ? 1 : 0;
      below_one += p <= 0.01 ? 1 : 0;
    }
    // Expected 60 and 6; three standard deviations above, and some power must be left below. Levels of
    // one row in a thousand make it a little too many at 10%, where nothing is decided.
    EXPECT_LE(below_ten, 60 + 35) << c.m << " " << c.n;
    EXPECT_GE(below_ten, 20) << c.m << " " << c.n;
    EXPECT_LE(below_one, 6 + 8) << c.m << " " << c.n;
  }
}

// The published tool's bins had edges at the baseline's quantiles, and so do ours. With a continuous
// feature the counts of the baseline are then no sample at all, and each end is the edge of the data.
TEST(PsiTest, QuantileBinsOfSmallBaselinesAreCalibratedToo) {
  Rng rng(8);
  NullSettings settings;
  settings.noise_threshold = false;
  constexpr int kWindows = 1000;
  int below_ten = 0, below_one = 0, below_milli = 0;
  for (int i = 0; i < kWindows; ++i) {
    std::vector<double> rows(200), window(100);
    for (double& value : rows) value = rng.Normal();
    for (double& value : window) value = rng.Normal();
    const baseline::Bins bins = baseline::BinNumbers(rows, {});
    const Counts own = CountNumbers(bins, rows);
    settings.seed = static_cast<uint64_t>(i);
    const double p = TestPsi(own, CountNumbers(bins, window), ShareWeights(bins, own), 0.01, 1, settings).p_value;
    below_ten += p <= 0.1 ? 1 : 0;
    below_one += p <= 0.01 ? 1 : 0;
    below_milli += p <= 0.002 ? 1 : 0;
  }
  EXPECT_NEAR(below_ten, 100, 30);
  EXPECT_LE(below_one, 10 + 10);
  EXPECT_LE(below_milli, 2 + 5);
}

// Where the few draws are just enough to call a drift certain, many draws find noise to reach it less than once in
// 50,000: whatever the sizes, and with bins that the baseline has nothing or next to nothing in.
TEST(PsiTest, WhatAFewDrawsCallCertainManyDrawsConfirm) {
  constexpr size_t kTests = 27;
  constexpr double kDraws = 500 * kTests, kCertain = 1 / (kDraws + 1);
  const Counts even(10, 77), uneven = {460, 191, 77, 23, 11, 3, 0, 0}, tiny = {30, 15, 4, 1, 0}, one = {500, 0};
  NullSettings few;
  few.noise_threshold = false;
  NullSettings many = few;
  many.first_draws = 0;
  many.draws_per_test = 100'000;
  many.enough_exceedances = many.draws_per_test;
  const std::array<const Counts*, 4> baselines = {&even, &uneven, &tiny, &one};
  ThreadExecutor(2).ParallelFor(baselines.size(), [&](size_t which) {
    const Counts& baseline = *baselines[which];
    for (const uint64_t rows : {60, 2000, 100'000}) {
      // A share t of the window moves into the last bin.
      const auto window = [&](double t) {
        Counts current(baseline.size());
        double all = 0;
        for (const uint64_t count : baseline) all += static_cast<double>(count);
        for (size_t i = 0; i < current.size(); ++i) {
          const double share = (1 - t) * static_cast<double>(baseline[i]) / all + (i + 1 == current.size() ? t : 0);
          current[i] = static_cast<uint64_t>(std::llround(share * static_cast<double>(rows)));
        }
        return current;
      };
      const auto is_certain = [&](double t) {
        const PsiTest test = TestLevels(baseline, window(t), kTests, few);
        return test.p_value == kCertain && test.draws == few.first_draws;
      };
      double noise = 0, certain = 1;
      ASSERT_TRUE(is_certain(certain)) << rows;
      while (certain - noise > 0.002) {
        const double t = (noise + certain) / 2;
        (is_certain(t) ? certain : noise) = t;
      }
      EXPECT_LE(TestLevels(baseline, window(certain), 1, many).p_value, 2e-5) << baseline.size() << " " << rows;
    }
  });
}

TEST(PsiTest, TheSameCountsGiveTheSameAnswer) {
  const Counts baseline = {70, 20, 8, 2, 0}, current = {50, 22, 9, 1, 3};
  const PsiTest first = TestLevels(baseline, current, 27);
  const PsiTest second = TestLevels(baseline, current, 27);
  EXPECT_EQ(first.p_value, second.p_value);
  EXPECT_EQ(first.noise_threshold, second.noise_threshold);
}

TEST(PsiTest, ALargeShiftIsBeyondNoise) {
  // Half a standard deviation in a normal, 2,000 rows against 765.
  const Counts baseline(10, 77);
  const Counts current = {75, 114, 139, 160, 180, 201, 225, 253, 294, 359};
  const PsiTest test = TestLevels(baseline, current, 27);
  EXPECT_GT(test.psi, 0.15);
  EXPECT_LT(test.p_value * 27, 0.01);
}

}  // namespace
}  // namespace vigia::drift
