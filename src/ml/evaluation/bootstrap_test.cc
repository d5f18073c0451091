#include "evaluation/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace vigia::evaluation {
namespace {

struct ScoredRows {
  std::vector<double> scores;
  std::vector<uint8_t> labels;
};

// Scores uniform, labels drawn with the score as probability: calibrated, ROC-AUC 5/6.
ScoredRows Calibrated(size_t rows, uint64_t seed) {
  Rng rng(seed);
  ScoredRows data;
  for (size_t i = 0; i < rows; ++i) {
    data.scores.push_back(rng.Uniform());
    data.labels.push_back(rng.Uniform() < data.scores.back());
  }
  return data;
}

TEST(Bootstrap, DependsOnTheSeedAndNotOnTheThreads) {
  const ScoredRows data = Calibrated(400, 1);
  const RankedScores ranked(data.scores, data.labels, 0.5);
  InlineExecutor one;
  ThreadExecutor many(4);
  const auto a = Bootstrap(ranked, {}, {.resamples = 230}, one);
  const auto b = Bootstrap(ranked, {}, {.resamples = 230}, many);
  const auto c = Bootstrap(ranked, {}, {.resamples = 230, .seed = 7}, one);
  for (size_t m = 0; m < kMetricCount; ++m) {
    const auto metric = static_cast<Metric>(m);
    EXPECT_EQ(a[metric].low, b[metric].low);
    EXPECT_EQ(a[metric].high, b[metric].high);
    if (metric == Metric::kCalibrationError) continue;  // resampling only adds to it
    EXPECT_LE(a[metric].low, a[metric].value) << MetricName(metric);
    EXPECT_GE(a[metric].high, a[metric].value) << MetricName(metric);
  }
  EXPECT_NE(a[Metric::kRocAuc].low, c[Metric::kRocAuc].low);
}

TEST(Bootstrap, CoversTheTruthAboutAsOftenAsItSays) {
  InlineExecutor executor;
  int covered = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const ScoredRows data = Calibrated(300, 1000 + seed);
    const RankedScores ranked(data.scores, data.labels, 0.5);
    const Interval auc = Bootstrap(ranked, {}, {.resamples = 200, .seed = seed}, executor)[Metric::kRocAuc];
    covered += auc.low <= 5.0 / 6 && 5.0 / 6 <= auc.high;
  }
  EXPECT_GE(covered, 88);
  EXPECT_LE(covered, 100);
}

TEST(Bootstrap, CopiesOfAPupilDoNotNarrowTheInterval) {
  const ScoredRows once = Calibrated(200, 3);
  ScoredRows copied;
  std::vector<int32_t> pupils;
  for (size_t copy = 0; copy < 5; ++copy) {
    for (size_t i = 0; i < once.scores.size(); ++i) {
      copied.scores.push_back(once.scores[i]);
      copied.labels.push_back(once.labels[i]);
      pupils.push_back(static_cast<int32_t>(i) * 17);
    }
  }
  InlineExecutor executor;
  const BootstrapSettings settings{.resamples = 400};
  const auto width = [](const Interval& i) { return i.high - i.low; };
  const RankedScores ranked_once(once.scores, once.labels, 0.5), ranked_copied(copied.scores, copied.labels, 0.5);
  const double truth = width(Bootstrap(ranked_once, {}, settings, executor)[Metric::kRocAuc]);
  const double clustered = width(Bootstrap(ranked_copied, pupils, settings, executor)[Metric::kRocAuc]);
  const double naive = width(Bootstrap(ranked_copied, {}, settings, executor)[Metric::kRocAuc]);
  EXPECT_NEAR(clustered, truth, 1e-9);
  EXPECT_LT(naive, truth * 0.6);
}

TEST(Bootstrap, UndefinedMetricsHaveNoInterval) {
  const std::vector<double> scores{0.1, 0.2, 0.3};
  const std::vector<uint8_t> labels{1, 1, 1};
  InlineExecutor executor;
  const auto intervals = Bootstrap(RankedScores(scores, labels, 0.5), {}, {.resamples = 50}, executor);
  EXPECT_TRUE(std::isnan(intervals[Metric::kRocAuc].value));
  EXPECT_TRUE(std::isnan(intervals[Metric::kRocAuc].low));
  EXPECT_EQ(intervals[Metric::kRecall].value, 0.0);
  const auto empty = Bootstrap(RankedScores({}, {}, 0.5), {}, {.resamples = 50}, executor);
  EXPECT_TRUE(std::isnan(empty[Metric::kBrier].high));
}

TEST(BootstrapDifference, PairedRowsCancelWhatBothModelsShare) {
  const ScoredRows data = Calibrated(400, 5);
  Rng rng(6);
  std::vector<double> noisy;
  for (const double score : data.scores) noisy.push_back(std::clamp(score + 0.1 * rng.Normal(), 0.0, 1.0));
  const RankedScores a(data.scores, data.labels, 0.5), b(noisy, data.labels, 0.5);
  InlineExecutor executor;
  const auto same = BootstrapDifference(a, a, {}, {.resamples = 100}, executor);
  EXPECT_EQ(same[Metric::kRocAuc].low, 0.0);
  EXPECT_EQ(same[Metric::kRocAuc].high, 0.0);
  const Interval difference = BootstrapDifference(a, b, {}, {.resamples = 300}, executor)[Metric::kRocAuc];
  const Interval alone = Bootstrap(a, {}, {.resamples = 300}, executor)[Metric::kRocAuc];
  EXPECT_NEAR(difference.value, b.Compute()[Metric::kRocAuc] - a.Compute()[Metric::kRocAuc], 1e-12);
  EXPECT_LT(difference.high - difference.low, (alone.high - alone.low) * 0.7);
}

}  // namespace
}  // namespace vigia::evaluation
