#include "performance/assess.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "performance/testing/now.h"

namespace vigia::performance {
namespace {

const WallTime kStart = kNow - std::chrono::hours(24 * 30);

Prediction At(const std::string& id, uint32_t instance, int days_ago, double score = 0.9) {
  return {id, instance, kNow - std::chrono::hours(24 * days_ago), score, score >= 0.5};
}
Label Says(const std::string& id, std::optional<uint32_t> instance, bool positive) {
  return {id, instance, std::nullopt, positive};
}

TEST(MatchTest, ByRequestAndInstance) {
  const std::vector<Prediction> predictions = {At("a", 0, 1, 0.9), At("b", 0, 1, 0.8), At("b", 1, 1, 0.1)};
  const std::vector<Label> labels = {Says("a", {}, true), Says("b", 1, true), Says("b", 0, false), Says("c", 0, true),
                                     Says("b", 7, true)};
  const Matched matched = Match(labels, predictions, std::vector<uint32_t>{1, 2, 2}, kStart, kNow);
  EXPECT_EQ(matched.matched, 3u);
  EXPECT_EQ(matched.unmatched, 2u);
  EXPECT_EQ(matched.ambiguous, 0u);
  EXPECT_EQ(matched.scores, (std::vector<double>{0.1, 0.8, 0.9}));
  EXPECT_EQ(matched.labels, (std::vector<uint8_t>{1, 0, 1}));
}

// The published tool joined by request id alone: a batch of n and its n labels became n² rows.
TEST(MatchTest, ABatchIsNoCrossProduct) {
  std::vector<Prediction> predictions;
  for (uint32_t i = 0; i < 100; ++i) predictions.push_back(At("batch", i, 1));
  const std::vector<uint32_t> sizes(100, 100);
  const Matched matched = Match(std::vector<Label>{Says("batch", {}, true)}, predictions, sizes, kStart, kNow);
  EXPECT_EQ(matched.matched, 0u);
  EXPECT_EQ(matched.ambiguous, 1u);
  std::vector<Label> labels;
  for (uint32_t i = 0; i < 100; ++i) labels.push_back(Says("batch", i, true));
  EXPECT_EQ(Match(labels, predictions, sizes, kStart, kNow).matched, 100u);
}

TEST(MatchTest, AnExactLabelWinsOverOneWithoutAnIndex) {
  const std::vector<Prediction> predictions = {At("a", 0, 1)};
  const Matched matched = Match(std::vector<Label>{Says("a", {}, false), Says("a", 0, true)}, predictions,
                                std::vector<uint32_t>{1}, kStart, kNow);
  EXPECT_EQ(matched.labels, std::vector<uint8_t>{1});
}

TEST(MatchTest, WindowOfPredictionOrOfLabel) {
  const std::vector<Prediction> predictions = {At("new", 0, 29), At("edge", 0, 30), At("late", 0, 100),
                                               At("old", 0, 100)};
  std::vector<Label> labels = {Says("new", {}, true), Says("edge", {}, true), Says("late", {}, true),
                               Says("old", {}, true)};
  labels[2].time = kNow - std::chrono::hours(24);       // became known yesterday
  labels[3].time = kNow - std::chrono::hours(24 * 60);  // was in an earlier report
  const Matched matched = Match(labels, predictions, std::vector<uint32_t>(4, 1), kStart, kNow);
  EXPECT_EQ(matched.matched, 3u);
  EXPECT_EQ(matched.outside, 1u);
}

Matched Rows(size_t n, uint64_t seed, double sharpness) {
  Rng rng(seed);
  Matched matched;
  for (size_t i = 0; i < n; ++i) {
    const double p = 1 / (1 + std::exp(-sharpness * rng.Normal()));
    matched.scores.push_back(p);
    matched.flagged.push_back(p >= 0.5 ? 1 : 0);
    matched.labels.push_back(rng.Uniform() < p ? 1 : 0);
  }
  return matched;
}

double ValueOf(const std::vector<MetricValue>& metrics, const std::string& name) {
  for (const MetricValue& metric : metrics) {
    if (metric.name == name) return metric.value.value_or(-1);
  }
  ADD_FAILURE() << "no " << name;
  return -1;
}

TEST(MeasureTest, StatusesByCount) {
  InlineExecutor executor;
  EXPECT_EQ(Measure({}, {}, executor).status, Verdict::kNoData);
  EXPECT_EQ(Measure(Rows(2, 1, 3), {}, executor).status, Verdict::kInsufficientData);
  EXPECT_EQ(Measure(Rows(49, 1, 3), {}, executor).status, Verdict::kInsufficientData);
  EXPECT_TRUE(Measure(Rows(49, 1, 3), {}, executor).metrics.empty());
  EXPECT_NE(Measure(Rows(50, 1, 3), {}, executor).status, Verdict::kInsufficientData);
}

TEST(MeasureTest, PerfectPredictions) {
  Matched matched = Rows(100, 2, 3);
  for (size_t i = 0; i < 100; ++i) {
    matched.labels[i] = i % 2;
    matched.flagged[i] = i % 2;
    matched.scores[i] = static_cast<double>(i % 2);
  }
  InlineExecutor executor;
  const Measured measured = Measure(matched, {}, executor);
  EXPECT_EQ(measured.status, Verdict::kGreen);
  EXPECT_EQ(measured.positives, 50u);
  for (const char* name : {"recall", "precision", "f1", "roc_auc", "pr_auc"}) {
    EXPECT_DOUBLE_EQ(ValueOf(measured.metrics, name), 1) << name;
  }
  EXPECT_DOUBLE_EQ(ValueOf(measured.metrics, "brier_score"), 0);
}

TEST(MeasureTest, IntervalsHoldTheValue) {
  InlineExecutor executor;
  for (const MetricValue& metric : Measure(Rows(400, 3, 2), {}, executor).metrics) {
    ASSERT_TRUE(metric.value && metric.low && metric.high) << metric.name;
    EXPECT_LT(*metric.low, *metric.value) << metric.name;
    EXPECT_GT(*metric.high, *metric.value) << metric.name;
  }
}

TEST(MeasureTest, EachLimitMakesItRed) {
  InlineExecutor executor;
  Matched nobody = Rows(400, 4, 3);
  std::fill(nobody.flagged.begin(), nobody.flagged.end(), uint8_t{0});
  const Measured low_recall = Measure(nobody, {}, executor);
  EXPECT_EQ(low_recall.status, Verdict::kRed);
  ASSERT_EQ(low_recall.alerts.size(), 1u);
  EXPECT_EQ(low_recall.alerts[0].metric, "recall");
  EXPECT_TRUE(low_recall.alerts[0].certain);

  Matched everybody = Rows(400, 5, 3);
  std::fill(everybody.flagged.begin(), everybody.flagged.end(), uint8_t{1});
  for (size_t i = 0; i < 400; ++i) everybody.labels[i] = everybody.scores[i] > 0.97 ? 1 : 0;
  const Measured low_precision = Measure(everybody, {}, executor);
  ASSERT_EQ(low_precision.alerts.size(), 1u);
  EXPECT_EQ(low_precision.alerts[0].metric, "precision");

  const Measured blunt = Measure(Rows(400, 6, 0.1), {}, executor);
  EXPECT_EQ(blunt.status, Verdict::kRed);
  EXPECT_EQ(blunt.alerts.back().metric, "roc_auc");
}

// What was answered counts, also when the threshold was another one then.
TEST(MeasureTest, RecallIsOfTheAnswersThatWereGiven) {
  Matched matched = Rows(400, 7, 3);
  for (size_t i = 0; i < 400; ++i) matched.flagged[i] = matched.scores[i] >= 0.04 ? 1 : 0;
  InlineExecutor executor;
  EXPECT_GT(ValueOf(Measure(matched, {}, executor).metrics, "recall"), 0.98);
}

std::vector<ScoreGroup> Groups(const Matched& matched) {
  std::vector<ScoreGroup> groups(2002);
  for (size_t i = 0; i < matched.scores.size(); ++i) {
    const double score = matched.scores[i];
    ScoreGroup& group = groups[2 * static_cast<size_t>(score * 1000) + matched.flagged[i]];
    group.flagged = matched.flagged[i] != 0;
    group.n += 1;
    group.sum += score;
    group.sum_of_squares += score * score;
  }
  std::erase_if(groups, [](const ScoreGroup& group) { return group.n == 0; });
  return groups;
}

// On calibrated scores the estimate, which sees no label, is what the labels then show.
TEST(EstimateTest, MeetsWhatLabelsShow) {
  InlineExecutor executor;
  for (const double sharpness : {0.8, 2.0, 4.0}) {
    const Matched rows = Rows(20000, 8, sharpness);
    Limits limits;
    limits.resamples = 50;
    const Measured measured = Measure(rows, limits, executor);
    const Estimated estimated = Estimate(Groups(rows), 42);
    EXPECT_EQ(estimated.n, 20000u);
    for (const MetricValue& metric : estimated.metrics) {
      ASSERT_TRUE(metric.value && metric.low && metric.high);
      EXPECT_NEAR(*metric.value, ValueOf(measured.metrics, metric.name), 0.015) << metric.name << " " << sharpness;
      EXPECT_LT(*metric.low, *metric.value) << metric.name;
      EXPECT_GT(*metric.high, *metric.value) << metric.name;
    }
  }
}

TEST(EstimateTest, FollowsAShiftOfTheInputs) {
  Matched easy = Rows(20000, 9, 4), hard = Rows(20000, 9, 0.5);
  EXPECT_GT(ValueOf(Estimate(Groups(easy), 1).metrics, "roc_auc"),
            ValueOf(Estimate(Groups(hard), 1).metrics, "roc_auc") + 0.1);
}

TEST(EstimateTest, Ends) {
  EXPECT_EQ(Estimate({}, 1).n, 0u);
  EXPECT_TRUE(Estimate({}, 1).metrics.empty());
  // All certain negatives: recall and the curves are not defined, and say so.
  const std::vector<ScoreGroup> none = {{false, 10, 0, 0}};
  const Estimated estimated = Estimate(none, 1);
  EXPECT_FALSE(estimated.metrics[0].value.has_value());
  EXPECT_DOUBLE_EQ(*estimated.metrics[5].value, 0);
}

}  // namespace
}  // namespace vigia::performance
