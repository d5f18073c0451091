#include "drift/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace vigia::drift {
namespace {

// Values of any printed table of χ².
TEST(StatisticsTest, ChiSquare) {
  EXPECT_NEAR(ChiSquareSurvival(3.841459, 1), 0.05, 1e-6);
  EXPECT_NEAR(ChiSquareSurvival(18.307038, 10), 0.05, 1e-6);
  EXPECT_NEAR(ChiSquareSurvival(29.588298, 10), 0.001, 1e-7);
  EXPECT_NEAR(ChiSquareSurvival(124.342113, 100), 0.05, 1e-6);
  EXPECT_EQ(ChiSquareSurvival(0, 5), 1);
  EXPECT_LT(ChiSquareSurvival(1e4, 5), 1e-300);
  for (const double df : {1.0, 4.5, 13.0, 200.0}) {
    for (const double tail : {0.5, 0.01, 3e-4, 1e-8}) {
      EXPECT_NEAR(ChiSquareSurvival(ChiSquareQuantile(tail, df), df) / tail, 1, 1e-6) << df << " " << tail;
    }
  }
}

TEST(StatisticsTest, BinomialDrawsHaveTheRightMeanAndVariance) {
  struct Case {
    uint64_t n;
    double p;
  };
  for (const Case& c : {Case{10, 0.3}, Case{1000, 0.004}, Case{100, 0.5}, Case{100000, 0.07}, Case{50, 0.95},
                        Case{10000000, 0.2}, Case{10000000, 3e-7}}) {
    Rng rng(11);
    constexpr int kDraws = 40000;
    const double mean = static_cast<double>(c.n) * c.p, variance = mean * (1 - c.p);
    double sum = 0, squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const uint64_t k = DrawBinomial(rng, c.n, c.p);
      ASSERT_LE(k, c.n);
      const double off = static_cast<double>(k) - mean;
      sum += off;
      squares += off * off;
    }
    EXPECT_NEAR(sum / kDraws, 0, 5 * std::sqrt(variance / kDraws)) << c.n << " " << c.p;
    EXPECT_NEAR(squares / kDraws / variance, 1, 0.05) << c.n << " " << c.p;
  }
}

TEST(StatisticsTest, BinomialEnds) {
  Rng rng(1);
  EXPECT_EQ(DrawBinomial(rng, 0, 0.5), 0u);
  EXPECT_EQ(DrawBinomial(rng, 9, 0), 0u);
  EXPECT_EQ(DrawBinomial(rng, 9, 1), 9u);
}

TEST(StatisticsTest, MultinomialDrawsAddUp) {
  Rng rng(2);
  const std::vector<double> p = {0.5, 0.3, 0.0, 0.2};
  std::vector<uint64_t> counts(4), total(4);
  for (int i = 0; i < 2000; ++i) {
    DrawMultinomial(rng, 100, p, counts);
    ASSERT_EQ(std::accumulate(counts.begin(), counts.end(), uint64_t{0}), 100u);
    for (size_t k = 0; k < 4; ++k) total[k] += counts[k];
  }
  EXPECT_EQ(total[2], 0u);
  for (size_t k = 0; k < 4; ++k) EXPECT_NEAR(static_cast<double>(total[k]) / 200000, p[k], 0.006);
}

TEST(StatisticsTest, GammaAndDirichletDraws) {
  for (const double shape : {0.5, 1.0, 3.5, 765.0}) {
    Rng rng(3);
    constexpr int kDraws = 40000;
    double sum = 0, squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double x = DrawGamma(rng, shape);
      sum += x - shape;
      squares += (x - shape) * (x - shape);
    }
    EXPECT_NEAR(sum / kDraws, 0, 5 * std::sqrt(shape / kDraws)) << shape;
    EXPECT_NEAR(squares / kDraws / shape, 1, 0.07) << shape;
  }
  Rng rng(4);
  std::vector<double> shares(3);
  double first = 0;
  for (int i = 0; i < 20000; ++i) {
    DrawDirichlet(rng, std::vector<double>{1, 3, 6}, shares);
    ASSERT_NEAR(shares[0] + shares[1] + shares[2], 1, 1e-12);
    first += shares[0];
  }
  EXPECT_NEAR(first / 20000, 0.1, 0.004);
}

// Fisher's tea-tasting table, and R's fisher.test(matrix(c(1,9,11,3),2)).
TEST(StatisticsTest, FishersExactTest) {
  EXPECT_NEAR(SameRatePValue(3, 4, 1, 4), 0.4857142857, 1e-9);
  EXPECT_NEAR(SameRatePValue(1, 10, 11, 14), 0.0027594562, 1e-9);
  EXPECT_NEAR(SameRatePValue(5, 50, 10, 100), 1, 1e-9);
  EXPECT_EQ(SameRatePValue(0, 0, 3, 10), 1);
  EXPECT_EQ(SameRatePValue(0, 10, 0, 1000), 1);
  EXPECT_LT(SameRatePValue(100, 100, 0, 765), 1e-90);
}

TEST(StatisticsTest, LargeRatesUseTheNormalTest) {
  // Both ways agree where both are right.
  EXPECT_NEAR(SameRatePValue(500000, 5000000, 501000, 5000000), 0.292, 0.005);
  EXPECT_NEAR(SameRatePValue(9000, 100000, 9300, 100000), 0.0200, 0.0015);
}

TEST(StatisticsTest, HolmCorrection) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const std::vector<double> adjusted = HolmAdjust(p);
  EXPECT_NEAR(adjusted[0], 0.03, 1e-12);
  EXPECT_NEAR(adjusted[1], 0.06, 1e-12);
  EXPECT_NEAR(adjusted[2], 0.06, 1e-12);
  EXPECT_NEAR(adjusted[3], 0.02, 1e-12);
  EXPECT_EQ(HolmAdjust(std::vector<double>{0.9, 0.8})[0], 1);
  EXPECT_TRUE(HolmAdjust({}).empty());
}

}  // namespace
}  // namespace vigia::drift
