#include "performance/assess.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "drift/statistics.h"
#include "evaluation/bootstrap.h"

namespace vigia::performance {

namespace {

using evaluation::Metric;

std::optional<double> Defined(double value) { return std::isnan(value) ? std::nullopt : std::optional<double>(value); }

MetricValue FromInterval(std::string name, const evaluation::Interval& interval) {
  return {std::move(name), Defined(interval.value), Defined(interval.low), Defined(interval.high)};
}

void CheckLimit(const MetricValue& metric, double limit, std::vector<Alert>& alerts) {
  if (!metric.value || *metric.value >= limit) return;
  alerts.push_back({metric.name, *metric.value, limit, metric.high && *metric.high < limit});
}

// Expected counts of one draw of the labels: positives and negatives of every group.
struct Expected {
  std::vector<double> positives, negatives;
  double sum_squared_error = 0;
};

// In the order of `names` below; NaN where it is not defined.
constexpr const char* kNames[] = {"recall", "precision", "f1", "roc_auc", "pr_auc", "brier_score"};
constexpr size_t kNameCount = 6;

std::array<double, kNameCount> MetricsOf(std::span<const ScoreGroup> groups, const Expected& expected) {
  double tp = 0, fp = 0, fn = 0, pairs = 0, area = 0, negatives_below = 0;
  const double positives = std::accumulate(expected.positives.begin(), expected.positives.end(), 0.0);
  const double negatives = std::accumulate(expected.negatives.begin(), expected.negatives.end(), 0.0);
  for (size_t i = 0; i < groups.size(); ++i) {
    (groups[i].flagged ? tp : fn) += expected.positives[i];
    if (groups[i].flagged) fp += expected.negatives[i];
    pairs += expected.positives[i] * (negatives_below + expected.negatives[i] / 2);
    negatives_below += expected.negatives[i];
  }
  double caught = 0, flagged = 0;
  for (size_t i = groups.size(); i-- > 0;) {
    caught += expected.positives[i];
    flagged += expected.positives[i] + expected.negatives[i];
    if (flagged > 0) area += expected.positives[i] * caught / flagged;
  }
  const double recall = tp / (tp + fn), precision = tp / (tp + fp);
  return {recall,
          precision,
          2 * tp / (2 * tp + fp + fn),
          pairs / (positives * negatives),
          area / positives,
          expected.sum_squared_error / (positives + negatives)};
}

}  // namespace

std::string_view StatusName(Verdict status) {
  switch (status) {
    case Verdict::kGreen: return "green";
    case Verdict::kRed: return "red";
    case Verdict::kInsufficientData: return "insufficient_data";
    case Verdict::kNoData: return "no_data";
  }
  CHECK(false, "unknown performance status");
}

Matched Match(std::span<const Label> labels, std::span<const Prediction> predictions,
              std::span<const uint32_t> batch_sizes, WallTime start, WallTime end) {
  CHECK(predictions.size() == batch_sizes.size(), "one batch size per prediction is needed");
  std::map<std::pair<std::string_view, uint32_t>, size_t> by_instance;
  std::map<std::string_view, uint32_t> size_of;
  for (size_t i = 0; i < predictions.size(); ++i) {
    by_instance.emplace(std::pair(std::string_view(predictions[i].request_id), predictions[i].instance), i);
    uint32_t& size = size_of[predictions[i].request_id];
    size = std::max(size, batch_sizes[i]);
  }
  Matched matched;
  std::vector<bool> taken(predictions.size(), false);
  // Labels with an index first: one without must not take the place of a label that is exact.
  for (const bool with_index : {true, false}) {
    for (const Label& label : labels) {
      if (label.instance.has_value() != with_index) continue;
      const auto size = size_of.find(label.request_id);
      if (size == size_of.end()) {
        ++matched.unmatched;
        continue;
      }
      if (!with_index && size->second > 1) {
        ++matched.ambiguous;
        continue;
      }
      const auto at = by_instance.find({label.request_id, label.instance.value_or(0)});
      if (at == by_instance.end()) {
        ++matched.unmatched;
        continue;
      }
      const Prediction& prediction = predictions[at->second];
      const bool made_inside = prediction.time >= start && prediction.time < end;
      // No upper bound: what the file says is known by now, whatever its writer's clock said.
      if (!made_inside && !(label.time && *label.time >= start)) {
        ++matched.outside;
        continue;
      }
      if (taken[at->second]) continue;
      taken[at->second] = true;
      ++matched.matched;
      matched.scores.push_back(prediction.score);
      matched.flagged.push_back(prediction.flagged ? 1 : 0);
      matched.labels.push_back(label.positive ? 1 : 0);
    }
  }
  return matched;
}

Measured Measure(const Matched& matched, const Limits& limits, Executor& executor) {
  Measured measured;
  measured.n = matched.scores.size();
  measured.positives = static_cast<size_t>(std::count(matched.labels.begin(), matched.labels.end(), uint8_t{1}));
  if (measured.n == 0) return measured;
  if (measured.n < limits.min_rows) {
    measured.status = Verdict::kInsufficientData;
    return measured;
  }
  const evaluation::BootstrapSettings settings = {limits.resamples, limits.seed, 0.95};
  const evaluation::RankedScores by_score(matched.scores, matched.labels, 0.5);
  // The answers of then as scores: their metrics at 0.5 are those of the answers.
  const std::vector<double> answers(matched.flagged.begin(), matched.flagged.end());
  const evaluation::RankedScores by_answer(answers, matched.labels, 0.5);
  const evaluation::MetricIntervals of_scores = Bootstrap(by_score, {}, settings, executor);
  const evaluation::MetricIntervals of_answers = Bootstrap(by_answer, {}, settings, executor);
  measured.metrics = {
      FromInterval("recall", of_answers[Metric::kRecall]), FromInterval("precision", of_answers[Metric::kPrecision]),
      FromInterval("f1", of_answers[Metric::kF1]),         FromInterval("roc_auc", of_scores[Metric::kRocAuc]),
      FromInterval("pr_auc", of_scores[Metric::kPrAuc]),   FromInterval("brier_score", of_scores[Metric::kBrier])};
  CheckLimit(measured.metrics[0], limits.recall, measured.alerts);
  CheckLimit(measured.metrics[1], limits.precision, measured.alerts);
  CheckLimit(measured.metrics[3], limits.roc_auc, measured.alerts);
  measured.status = measured.alerts.empty() ? Verdict::kGreen : Verdict::kRed;
  return measured;
}

Estimated Estimate(std::span<const ScoreGroup> groups, uint64_t seed) {
  Estimated estimated;
  Expected expected;
  double positives = 0;
  for (const ScoreGroup& group : groups) {
    estimated.n += group.n;
    positives += group.sum;
    expected.positives.push_back(group.sum);
    expected.negatives.push_back(static_cast<double>(group.n) - group.sum);
    expected.sum_squared_error += group.sum - group.sum_of_squares;  // E[(p − y)²] = p − p²
  }
  if (estimated.n == 0) return estimated;
  estimated.expected_positive_rate = positives / static_cast<double>(estimated.n);
  const auto values = MetricsOf(groups, expected);

  constexpr size_t kDraws = 400;
  Rng rng(seed);
  std::array<std::vector<double>, kNameCount> draws;
  for (size_t draw = 0; draw < kDraws; ++draw) {
    Expected drawn;
    for (const ScoreGroup& group : groups) {
      const auto n = static_cast<double>(group.n);
      const double share = std::clamp(n == 0 ? 0.0 : group.sum / n, 0.0, 1.0);
      const auto ones = static_cast<double>(drift::DrawBinomial(rng, group.n, share));
      drawn.positives.push_back(ones);
      drawn.negatives.push_back(n - ones);
      // Σ(p − y)² with y² = y, and the group's mean for p where it meets y.
      drawn.sum_squared_error += group.sum_of_squares - 2 * share * ones + ones;
    }
    const auto metrics = MetricsOf(groups, drawn);
    for (size_t i = 0; i < kNameCount; ++i) {
      if (!std::isnan(metrics[i])) draws[i].push_back(metrics[i]);
    }
  }
  for (size_t i = 0; i < kNameCount; ++i) {
    MetricValue metric{kNames[i], Defined(values[i]), std::nullopt, std::nullopt};
    std::sort(draws[i].begin(), draws[i].end());
    if (draws[i].size() > kDraws / 2) {
      metric.low = draws[i][draws[i].size() * 25 / 1000];
      metric.high = draws[i][draws[i].size() * 975 / 1000];
    }
    estimated.metrics.push_back(std::move(metric));
  }
  return estimated;
}

}  // namespace vigia::performance
