// Percentile bootstrap (Efron 1979) over pupils: all rows of a pupil are drawn together, because a
// pupil's years resemble each other and independent rows would make intervals too narrow.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/executor.h"
#include "evaluation/metrics.h"

namespace vigia::evaluation {

struct BootstrapSettings {
  size_t resamples = 1000;
  uint64_t seed = 42;
  double coverage = 0.95;
};

// low and high are NaN where the metric is not defined in most resamples.
struct Interval {
  double value = 0, low = 0, high = 0;
};

class MetricIntervals {
 public:
  Interval& operator[](Metric metric) { return values_[static_cast<size_t>(metric)]; }
  const Interval& operator[](Metric metric) const { return values_[static_cast<size_t>(metric)]; }

 private:
  std::array<Interval, kMetricCount> values_{};
};

// `clusters` names each row's pupil by any number; empty: each row is its own. The result depends on
// the seed, and not on the executor. Memory: resamples x metrics doubles, and one counter a row per thread.
MetricIntervals Bootstrap(const RankedScores& scores, std::span<const int32_t> clusters,
                          const BootstrapSettings& settings, Executor& executor);

// Intervals of metric(b) - metric(a), both models on the same resampled rows.
// REQUIRES: the same rows in the same order.
MetricIntervals BootstrapDifference(const RankedScores& a, const RankedScores& b, std::span<const int32_t> clusters,
                                    const BootstrapSettings& settings, Executor& executor);

}  // namespace vigia::evaluation
