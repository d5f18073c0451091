#include "retrain/comparison.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/random.h"

namespace vigia::retrain {
namespace {

using evaluation::Metric;

struct Population {
  std::vector<int> years;
  std::vector<int32_t> pupils;
  std::vector<uint8_t> labels;
};

// Every pupil has a row in each year.
Population MakePopulation(int pupils, const std::vector<int>& years) {
  Population made;
  for (int pupil = 0; pupil < pupils; ++pupil) {
    for (const int year : years) {
      made.years.push_back(year);
      made.pupils.push_back(pupil);
      made.labels.push_back(static_cast<uint8_t>((pupil + year) % 2));
    }
  }
  return made;
}

TEST(ChooseRows, TakesYearsAfterTheChampions) {
  const Population all = MakePopulation(200, {2021, 2022, 2023});
  const ComparedRows compared = ChooseRows(all.years, all.pupils, all.labels, 2022, {});
  EXPECT_EQ(compared.holdout, Holdout::kLaterYears);
  EXPECT_EQ(compared.rows.size(), 200U);
  for (const size_t row : compared.rows) EXPECT_EQ(all.years[row], 2023);
}

TEST(ChooseRows, FallsBackToAllRowsWhenNothingIsLater) {
  const Population all = MakePopulation(200, {2021, 2022});
  struct Case {
    const char* what;
    int champion_year;
    size_t min_rows;
  };
  for (const Case& test : {Case{"the same years", 2022, 100}, Case{"a champion without a year", 0, 100},
                           Case{"too few later rows", 2021, 201}}) {
    ComparisonSettings settings;
    settings.min_rows = test.min_rows;
    const ComparedRows compared = ChooseRows(all.years, all.pupils, all.labels, test.champion_year, settings);
    EXPECT_EQ(compared.holdout, Holdout::kGrouped) << test.what;
    EXPECT_EQ(compared.rows.size(), 400U) << test.what;
  }
}

TEST(ChooseRows, APupilIsInOneFoldAndFoldsAreEven) {
  const Population all = MakePopulation(103, {2021, 2022});
  const ComparedRows compared = ChooseRows(all.years, all.pupils, all.labels, 0, {});
  std::map<int32_t, std::set<size_t>> folds_of;
  std::map<size_t, size_t> sizes;
  for (size_t i = 0; i < compared.rows.size(); ++i) {
    folds_of[all.pupils[compared.rows[i]]].insert(compared.folds[i]);
    ++sizes[compared.folds[i]];
  }
  for (const auto& [pupil, folds] : folds_of) EXPECT_EQ(folds.size(), 1U) << pupil;
  ASSERT_EQ(sizes.size(), 5U);
  for (const auto& [fold, size] : sizes) EXPECT_NEAR(static_cast<double>(size), 206 / 5.0, 2) << fold;
}

// Scores of a model of given skill, and flags at a threshold.
struct Made {
  std::vector<uint8_t> labels;
  std::vector<int32_t> pupils;
  Scored champion, challenger;
};

Made MakeScores(size_t rows, double champion_noise, double challenger_noise, uint64_t seed) {
  Rng rng(seed);
  Made made;
  for (size_t i = 0; i < rows; ++i) {
    const double truth = rng.Normal();
    made.labels.push_back(rng.Uniform() < 1 / (1 + std::exp(-3 * truth)) ? 1 : 0);
    made.pupils.push_back(static_cast<int32_t>(i));
    const auto add = [&](Scored& scored, double noise) {
      const double score = 1 / (1 + std::exp(-2 * (truth + noise * rng.Normal())));
      scored.scores.push_back(score);
      scored.flags.push_back(score >= 0.4);
    };
    add(made.champion, champion_noise);
    add(made.challenger, challenger_noise);
  }
  return made;
}

Comparison CompareMade(const Made& made) {
  InlineExecutor executor;
  ComparisonSettings settings;
  settings.bootstrap.resamples = 300;
  Comparison comparison;
  CompareScores(made.champion, made.challenger, made.labels, made.pupils, settings, executor, comparison);
  return comparison;
}

TEST(CompareScores, AWorseModelIsRejectedOnManyRowsAndUndecidedOnFew) {
  EXPECT_EQ(CompareMade(MakeScores(4000, 0.2, 1.5, 1)).decision.verdict, Verdict::kRejected);
  EXPECT_NE(CompareMade(MakeScores(40, 0.2, 0.6, 2)).decision.verdict, Verdict::kRejected);
  EXPECT_EQ(CompareMade(MakeScores(4000, 1.5, 0.2, 3)).decision.verdict, Verdict::kApproved);
}

TEST(CompareScores, TheSameModelIsApprovedAndProven) {
  Made made = MakeScores(500, 0.5, 0.5, 4);
  made.challenger = made.champion;
  const Comparison same = CompareMade(made);
  EXPECT_EQ(same.decision.verdict, Verdict::kApproved);
  EXPECT_TRUE(same.decision.proven);
  EXPECT_EQ(same.difference[Metric::kRocAuc].low, 0);
  EXPECT_EQ(same.difference[Metric::kRecall].high, 0);
}

// Equal skill: how often a challenger is rejected must stay near what the intervals promise.
TEST(CompareScores, AnEqualModelIsRarelyRejected) {
  int rejected = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    if (CompareMade(MakeScores(300, 0.7, 0.7, 100 + seed)).decision.verdict == Verdict::kRejected) ++rejected;
  }
  EXPECT_LE(rejected, 6);
}

TEST(CompareScores, MetricsOfDecisionsComeFromTheFlags) {
  Made made = MakeScores(300, 0.5, 0.5, 5);
  made.challenger.scores = made.champion.scores;
  std::fill(made.challenger.flags.begin(), made.challenger.flags.end(), uint8_t{1});
  const Comparison comparison = CompareMade(made);
  EXPECT_EQ(comparison.challenger[Metric::kRecall].value, 1);
  EXPECT_EQ(comparison.challenger[Metric::kFlaggedRate].value, 1);
  EXPECT_EQ(comparison.difference[Metric::kRocAuc].value, 0);
  EXPECT_LT(comparison.champion[Metric::kRecall].value, 1);
}

}  // namespace
}  // namespace vigia::retrain
