#include "training/threshold.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace vigia::training {
namespace {

const std::vector<double> kScores{0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1};
const std::vector<uint8_t> kLabels{1, 1, 1, 0, 1, 0, 1, 0, 0, 0};

TEST(Threshold, TheLiteralRuleTakesTheHighestPrecision) {
  const struct {
    double min_recall, want, recall, precision;
  } cases[] = {
      {0.6, 0.8, 0.6, 1.0},
      {0.8, 0.6, 0.8, 0.8},
      {0.81, 0.4, 1.0, 5.0 / 7},
      {1.0, 0.4, 1.0, 5.0 / 7},
  };
  for (const auto& c : cases) {
    const auto choice = ChooseThreshold({kScores}, kLabels, {.min_recall = c.min_recall, .tolerance_se = 0});
    ASSERT_TRUE(choice.ok());
    EXPECT_NEAR(choice->chosen.threshold, c.want, 1e-6);
    EXPECT_NEAR(choice->chosen.recall, c.recall, 1e-12);
    EXPECT_NEAR(choice->chosen.precision, c.precision, 1e-12);
    EXPECT_EQ(choice->chosen.threshold, choice->literal.threshold);
  }
}

TEST(Threshold, ToleranceTakesTheLowestOfPrecisionsAsGood) {
  // At 0.6: precision .8 of five flagged, so a standard error of .179; .714 at 0.4 is within half of it.
  const auto choice = ChooseThreshold({kScores}, kLabels, {.min_recall = 0.8, .tolerance_se = 0.5});
  EXPECT_NEAR(choice->literal.threshold, 0.6, 1e-6);
  EXPECT_NEAR(choice->chosen.threshold, 0.4, 1e-6);
  const auto strict = ChooseThreshold({kScores}, kLabels, {.min_recall = 0.8, .tolerance_se = 0.4});
  EXPECT_NEAR(strict->chosen.threshold, 0.6, 1e-6);
}

TEST(Threshold, AveragesOverRepeats) {
  std::vector<double> other = kScores;
  std::swap(other[4], other[9]);  // in this repeat a pupil at risk scores 0.1
  const auto choice = ChooseThreshold({kScores, other}, kLabels, {.min_recall = 0.8, .tolerance_se = 0});
  ASSERT_TRUE(choice.ok());
  EXPECT_GE(choice->chosen.recall, 0.8);
  EXPECT_NEAR(choice->chosen.threshold, 0.4, 1e-6) << "at 0.6 the mean recall is 0.7";
}

TEST(Threshold, NeverFlagsEveryone) {
  const std::vector<double> same(10, 0.5);
  const auto choice = ChooseThreshold({same}, kLabels, {});
  ASSERT_FALSE(choice.ok());
  EXPECT_EQ(choice.error().code(), Code::kFailedPrecondition);
}

TEST(Threshold, SaysWhenItFlagsTooMany) {
  Rng rng(4);
  std::vector<double> noise;
  std::vector<uint8_t> rare;
  for (int i = 0; i < 200; ++i) {
    noise.push_back(rng.Uniform());
    rare.push_back(i % 10 == 0);
  }
  EXPECT_TRUE(ChooseThreshold({noise}, rare, {})->flags_too_many);
  EXPECT_FALSE(ChooseThreshold({kScores}, kLabels, {})->flags_too_many);
}

}  // namespace
}  // namespace vigia::training
