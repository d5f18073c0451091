#include "evaluation/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/result.h"

namespace vigia::evaluation {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double Ratio(double numerator, double denominator) { return denominator > 0 ? numerator / denominator : kNan; }

}  // namespace

std::string_view MetricName(Metric metric) {
  switch (metric) {
    case Metric::kRocAuc: return "roc_auc";
    case Metric::kPrAuc: return "pr_auc";
    case Metric::kRecall: return "recall";
    case Metric::kPrecision: return "precision";
    case Metric::kF1: return "f1";
    case Metric::kF2: return "f2";
    case Metric::kBrier: return "brier";
    case Metric::kCalibrationError: return "calibration_error";
    case Metric::kFlaggedRate: return "flagged_rate";
    case Metric::kBaseRate: return "base_rate";
  }
  return "";
}

double ConfusionMatrix::Recall() const {
  return Ratio(static_cast<double>(true_positives), static_cast<double>(true_positives + false_negatives));
}

double ConfusionMatrix::Precision() const {
  return Ratio(static_cast<double>(true_positives), static_cast<double>(true_positives + false_positives));
}

double ConfusionMatrix::FScore(double beta) const {
  const double b2 = beta * beta;
  const double hits = (1 + b2) * static_cast<double>(true_positives);
  return Ratio(hits, hits + b2 * static_cast<double>(false_negatives) + static_cast<double>(false_positives));
}

size_t BinOf(double score, size_t bins) {
  const auto bin = static_cast<size_t>(std::max(0.0, score) * static_cast<double>(bins));
  return std::min(bin, bins - 1);
}

RankedScores::RankedScores(std::span<const double> scores, std::span<const uint8_t> labels, double threshold) {
  CHECK(scores.size() == labels.size(), "one label per score");
  std::vector<uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return scores[a] > scores[b]; });
  rows_.reserve(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const double score = scores[order[i]];
    CHECK(score >= 0 && score <= 1, "a score is outside of [0,1]");
    const double miss = score - labels[order[i]];
    rows_.push_back({.index = order[i],
                     .score = static_cast<float>(score),
                     .squared_error = static_cast<float>(miss * miss),
                     .label = labels[order[i]],
                     .bin = static_cast<uint8_t>(BinOf(score, kCalibrationBins)),
                     .flagged = score >= threshold,
                     .tie_ends = i + 1 == order.size() || scores[order[i + 1]] != score});
  }
}

template <typename Weight>
MetricValues RankedScores::ComputeWith(const Weight& weight) const {
  double positives = 0, negatives = 0;          // so far, from the highest score down
  double tie_positives = 0, tie_negatives = 0;  // with the present score
  double pairs = 0, precision_area = 0, squared = 0;
  double flagged = 0, hits = 0;
  std::array<double, kCalibrationBins> bin_gap{};  // sum of label - score

  for (const Row& row : rows_) {
    const double w = weight(row.index);
    if (w > 0) {
      (row.label ? tie_positives : tie_negatives) += w;
      squared += w * static_cast<double>(row.squared_error);
      bin_gap[row.bin] += w * (row.label - static_cast<double>(row.score));
      if (row.flagged) {
        flagged += w;
        if (row.label) hits += w;
      }
    }
    if (!row.tie_ends) continue;
    if (tie_positives + tie_negatives > 0) {
      pairs += tie_negatives * (positives + tie_positives / 2);
      positives += tie_positives;
      negatives += tie_negatives;
      precision_area += tie_positives * positives / (positives + negatives);
    }
    tie_positives = tie_negatives = 0;
  }

  const double total = positives + negatives;
  MetricValues values;
  values[Metric::kRocAuc] = Ratio(pairs, positives * negatives);
  values[Metric::kPrAuc] = Ratio(precision_area, positives);
  values[Metric::kRecall] = Ratio(hits, positives);
  values[Metric::kPrecision] = Ratio(hits, flagged);
  values[Metric::kF1] = Ratio(2 * hits, positives + flagged);
  values[Metric::kF2] = Ratio(5 * hits, 4 * positives + flagged);
  values[Metric::kBrier] = Ratio(squared, total);
  double gap = 0;
  for (const double bin : bin_gap) gap += std::abs(bin);
  values[Metric::kCalibrationError] = Ratio(gap, total);
  values[Metric::kFlaggedRate] = Ratio(flagged, total);
  values[Metric::kBaseRate] = Ratio(positives, total);
  return values;
}

MetricValues RankedScores::Compute(std::span<const uint32_t> weights) const {
  CHECK(weights.size() == rows_.size(), "one weight per row");
  return ComputeWith([&](uint32_t row) { return static_cast<double>(weights[row]); });
}

MetricValues RankedScores::Compute() const {
  return ComputeWith([](uint32_t) { return 1.0; });
}

ConfusionMatrix RankedScores::Confusion() const {
  ConfusionMatrix matrix;
  for (const Row& row : rows_) {
    if (row.flagged) {
      ++(row.label ? matrix.true_positives : matrix.false_positives);
    } else {
      ++(row.label ? matrix.false_negatives : matrix.true_negatives);
    }
  }
  return matrix;
}

}  // namespace vigia::evaluation
