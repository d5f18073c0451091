// Metrics of a binary classifier's scores, weighted by how often each row counts.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace vigia::evaluation {

enum class Metric : size_t {
  kRocAuc,  // P(score of a positive > score of a negative), ties count half (Mann & Whitney 1947)
  kPrAuc,   // average precision: sum over thresholds of (recall gained) x precision; ties are one threshold
  kRecall,
  kPrecision,
  kF1,
  kF2,                // F-beta with beta 2: recall counts four times as much (van Rijsbergen 1979)
  kBrier,             // mean of (score - label)^2 (Brier 1950)
  kCalibrationError,  // sum over 10 equal bins of [0,1] of (rows in bin / rows) x |mean label - mean score|
  kFlaggedRate,       // share of rows with score >= threshold
  kBaseRate,          // share of positives
};
inline constexpr size_t kMetricCount = 10;
inline constexpr size_t kCalibrationBins = 10;

std::string_view MetricName(Metric metric);  // "roc_auc", as in the JSON

// One value per Metric; NaN where it is not defined (one class only, nobody flagged, no rows).
class MetricValues {
 public:
  double& operator[](Metric metric) { return values_[static_cast<size_t>(metric)]; }
  double operator[](Metric metric) const { return values_[static_cast<size_t>(metric)]; }

 private:
  std::array<double, kMetricCount> values_{};
};

struct ConfusionMatrix {
  uint64_t true_positives = 0, false_positives = 0, true_negatives = 0, false_negatives = 0;

  // NaN when nothing is in the denominator.
  double Recall() const;
  double Precision() const;
  double FScore(double beta) const;
};

// Rows sorted by score once, so that every reweighting (a bootstrap sample) is one pass.
// Immutable; thread-safe.
class RankedScores {
 public:
  // REQUIRES: equal sizes, scores in [0,1], labels 0 or 1, fewer than 2^32 rows.
  RankedScores(std::span<const double> scores, std::span<const uint8_t> labels, double threshold);

  size_t size() const { return rows_.size(); }

  // weights[i] is how often the i-th given row counts. O(rows), does not allocate.
  MetricValues Compute(std::span<const uint32_t> weights) const;
  MetricValues Compute() const;  // every row once
  ConfusionMatrix Confusion() const;

 private:
  struct Row {
    uint32_t index;  // as given
    float score;     // for the calibration bins' means only
    float squared_error;
    uint8_t label;
    uint8_t bin;
    bool flagged;
    bool tie_ends;  // the next row's score differs
  };
  template <typename Weight>
  MetricValues ComputeWith(const Weight& weight) const;

  std::vector<Row> rows_;  // scores descending
};

// The bin of a score among `bins` equal parts of [0,1]; 1 belongs to the last.
size_t BinOf(double score, size_t bins);

}  // namespace vigia::evaluation
