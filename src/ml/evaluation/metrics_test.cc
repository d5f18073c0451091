#include "evaluation/metrics.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "base/random.h"

namespace vigia::evaluation {
namespace {

using Scores = std::vector<double>;
using Labels = std::vector<uint8_t>;

TEST(Metrics, AreWhatTheFormulasSay) {
  const struct {
    const char* name;
    Scores scores;
    Labels labels;
    Metric metric;
    double want;
  } cases[] = {
      {"perfect ranking", {0.9, 0.8, 0.2, 0.1}, {1, 1, 0, 0}, Metric::kRocAuc, 1.0},
      {"reversed ranking", {0.9, 0.8, 0.2, 0.1}, {0, 0, 1, 1}, Metric::kRocAuc, 0.0},
      {"one tie over classes", {0.5, 0.5}, {1, 0}, Metric::kRocAuc, 0.5},
      {"sklearn's example", {0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}, Metric::kRocAuc, 0.75},
      {"sklearn's example", {0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}, Metric::kPrAuc, 5.0 / 6},
      {"all tied", {0.3, 0.3, 0.3, 0.3}, {1, 0, 0, 0}, Metric::kPrAuc, 0.25},
      {"recall", {0.9, 0.6, 0.5, 0.4}, {1, 0, 1, 1}, Metric::kRecall, 2.0 / 3},
      {"precision", {0.9, 0.6, 0.5, 0.4}, {1, 0, 1, 1}, Metric::kPrecision, 2.0 / 3},
      {"f1", {0.9, 0.6, 0.5, 0.4, 0.3}, {1, 0, 1, 1, 1}, Metric::kF1, 4.0 / 7},
      {"f2", {0.9, 0.6, 0.5, 0.4, 0.3}, {1, 0, 1, 1, 1}, Metric::kF2, 10.0 / 19},
      {"brier", {1.0, 0.5}, {0, 1}, Metric::kBrier, 0.625},
      {"calibration error: two bins", {0.25, 0.25, 0.75, 0.75}, {0, 0, 1, 0}, Metric::kCalibrationError, 0.25},
      {"calibration error: a perfect bin", {0.55, 0.55}, {1, 0}, Metric::kCalibrationError, 0.05},
      {"flagged", {0.9, 0.5, 0.1, 0.2}, {1, 0, 1, 1}, Metric::kFlaggedRate, 0.5},
      {"base rate", {0.9, 0.5, 0.1, 0.2}, {1, 0, 1, 1}, Metric::kBaseRate, 0.75},
  };
  for (const auto& c : cases) {
    const RankedScores ranked(c.scores, c.labels, 0.5);
    EXPECT_NEAR(ranked.Compute()[c.metric], c.want, 1e-7) << c.name << ", " << MetricName(c.metric);
  }
}

TEST(Metrics, AreUndefinedRatherThanInvented) {
  const RankedScores none(Scores{}, Labels{}, 0.5);
  const RankedScores positives(Scores{0.1, 0.2}, Labels{1, 1}, 0.5);
  const RankedScores negatives(Scores{0.1, 0.2}, Labels{0, 0}, 0.5);
  for (size_t m = 0; m < kMetricCount; ++m) EXPECT_TRUE(std::isnan(none.Compute()[static_cast<Metric>(m)]));
  EXPECT_TRUE(std::isnan(positives.Compute()[Metric::kRocAuc]));
  EXPECT_TRUE(std::isnan(positives.Compute()[Metric::kPrecision])) << "nobody is flagged";
  EXPECT_EQ(positives.Compute()[Metric::kRecall], 0.0);
  EXPECT_TRUE(std::isnan(negatives.Compute()[Metric::kPrAuc]));
  EXPECT_TRUE(std::isnan(negatives.Compute()[Metric::kRecall]));
}

TEST(Metrics, ConfusionMatrixAgreesWithTheRates) {
  const RankedScores ranked(Scores{0.9, 0.6, 0.5, 0.4, 0.1}, Labels{1, 0, 1, 1, 0}, 0.5);
  const ConfusionMatrix matrix = ranked.Confusion();
  EXPECT_EQ(matrix.true_positives, 2U);
  EXPECT_EQ(matrix.false_positives, 1U);
  EXPECT_EQ(matrix.false_negatives, 1U);
  EXPECT_EQ(matrix.true_negatives, 1U);
  EXPECT_DOUBLE_EQ(matrix.Recall(), ranked.Compute()[Metric::kRecall]);
  EXPECT_DOUBLE_EQ(matrix.Precision(), ranked.Compute()[Metric::kPrecision]);
  EXPECT_DOUBLE_EQ(matrix.FScore(2), ranked.Compute()[Metric::kF2]);
}

TEST(Metrics, ScoreOnTheThresholdIsFlagged) {
  EXPECT_EQ(RankedScores(Scores{0.3}, Labels{1}, 0.3).Confusion().true_positives, 1U);
}

// ROC-AUC as its definition says it, in O(n²).
double PairwiseAuc(const Scores& scores, const Labels& labels) {
  double won = 0, pairs = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    for (size_t j = 0; j < scores.size(); ++j) {
      if (!labels[i] || labels[j]) continue;
      pairs += 1;
      won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
    }
  }
  return won / pairs;
}

TEST(Metrics, PropertyAucIsTheShareOfPairsWon) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<uint8_t, bool>>& rows) {
    Scores scores{0.5, 0.25};
    Labels labels{1, 0};
    for (const auto& [score, label] : rows) {
      scores.push_back((score % 16) / 16.0);  // many ties
      labels.push_back(label);
    }
    const double got = RankedScores(scores, labels, 0.5).Compute()[Metric::kRocAuc];
    RC_ASSERT(std::abs(got - PairwiseAuc(scores, labels)) < 1e-12);
  }));
}

TEST(Metrics, PropertyAWeightIsThatManyCopies) {
  EXPECT_TRUE(rc::check([](const std::vector<std::tuple<uint8_t, bool, uint8_t>>& rows) {
    Scores scores{0.9, 0.2}, copied_scores{0.9, 0.2};
    Labels labels{1, 0}, copied_labels{1, 0};
    std::vector<uint32_t> weights{1, 1};
    for (const auto& [score, label, copies] : rows) {
      scores.push_back(score / 255.0);
      labels.push_back(label);
      weights.push_back(copies % 4);
      for (int i = 0; i < copies % 4; ++i) {
        copied_scores.push_back(score / 255.0);
        copied_labels.push_back(label);
      }
    }
    const MetricValues weighted = RankedScores(scores, labels, 0.5).Compute(weights);
    const MetricValues copied = RankedScores(copied_scores, copied_labels, 0.5).Compute();
    for (size_t m = 0; m < kMetricCount; ++m) {
      const auto metric = static_cast<Metric>(m);
      RC_ASSERT(std::abs(weighted[metric] - copied[metric]) < 1e-9);
    }
  }));
}

}  // namespace
}  // namespace vigia::evaluation
