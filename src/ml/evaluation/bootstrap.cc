#include "evaluation/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <unordered_map>

#include "base/random.h"
#include "base/result.h"

namespace vigia::evaluation {
namespace {

// Resamples of one task: enough to amortise its buffers, few enough to share among threads.
constexpr size_t kResamplesPerTask = 50;

// Each row's cluster as 0 … count-1, in order of first appearance.
struct DenseClusters {
  std::vector<uint32_t> of_row;
  size_t count = 0;
};

DenseClusters MakeDense(std::span<const int32_t> clusters, size_t rows) {
  DenseClusters dense;
  dense.of_row.resize(rows);
  if (clusters.empty()) {
    for (size_t i = 0; i < rows; ++i) dense.of_row[i] = static_cast<uint32_t>(i);
    dense.count = rows;
    return dense;
  }
  CHECK(clusters.size() == rows, "one cluster per row");
  std::unordered_map<int32_t, uint32_t> numbers;
  for (size_t i = 0; i < rows; ++i) {
    dense.of_row[i] = numbers.emplace(clusters[i], static_cast<uint32_t>(numbers.size())).first->second;
  }
  dense.count = numbers.size();
  return dense;
}

// Percentile by linear interpolation between order statistics; sorts `values`.
double Percentile(std::vector<double>& values, double share) {
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

MetricIntervals Summarise(const MetricValues& point, const std::vector<MetricValues>& samples, double coverage) {
  MetricIntervals intervals;
  std::vector<double> defined;
  for (size_t m = 0; m < kMetricCount; ++m) {
    const auto metric = static_cast<Metric>(m);
    defined.clear();
    for (const MetricValues& sample : samples) {
      if (!std::isnan(sample[metric])) defined.push_back(sample[metric]);
    }
    Interval& interval = intervals[metric];
    interval.value = point[metric];
    interval.low = interval.high = std::numeric_limits<double>::quiet_NaN();
    if (std::isnan(interval.value) || defined.size() * 2 <= samples.size()) continue;
    std::sort(defined.begin(), defined.end());
    interval.low = Percentile(defined, (1 - coverage) / 2);
    interval.high = Percentile(defined, (1 + coverage) / 2);
  }
  return intervals;
}

std::vector<MetricValues> Resample(size_t rows, std::span<const int32_t> clusters, const BootstrapSettings& settings,
                                   Executor& executor,
                                   const std::function<MetricValues(std::span<const uint32_t>)>& compute) {
  std::vector<MetricValues> samples(settings.resamples);
  if (rows == 0) return samples;
  const DenseClusters dense = MakeDense(clusters, rows);
  const Rng root(settings.seed);
  const size_t tasks = (settings.resamples + kResamplesPerTask - 1) / kResamplesPerTask;
  executor.ParallelFor(tasks, [&](size_t task) {
    std::vector<uint32_t> drawn(dense.count), weights(rows);
    const size_t end = std::min(settings.resamples, (task + 1) * kResamplesPerTask);
    for (size_t sample = task * kResamplesPerTask; sample < end; ++sample) {
      Rng rng = root.Fork(sample);
      std::fill(drawn.begin(), drawn.end(), 0U);
      for (size_t i = 0; i < dense.count; ++i) ++drawn[rng.Below(dense.count)];
      for (size_t i = 0; i < rows; ++i) weights[i] = drawn[dense.of_row[i]];
      samples[sample] = compute(weights);
    }
  });
  return samples;
}

MetricValues Difference(const MetricValues& a, const MetricValues& b) {
  MetricValues result;
  for (size_t m = 0; m < kMetricCount; ++m) {
    const auto metric = static_cast<Metric>(m);
    result[metric] = b[metric] - a[metric];
  }
  return result;
}

}  // namespace

MetricIntervals Bootstrap(const RankedScores& scores, std::span<const int32_t> clusters,
                          const BootstrapSettings& settings, Executor& executor) {
  const auto samples = Resample(scores.size(), clusters, settings, executor,
                                [&](std::span<const uint32_t> weights) { return scores.Compute(weights); });
  return Summarise(scores.Compute(), samples, settings.coverage);
}

MetricIntervals BootstrapDifference(const RankedScores& a, const RankedScores& b, std::span<const int32_t> clusters,
                                    const BootstrapSettings& settings, Executor& executor) {
  CHECK(a.size() == b.size(), "both models score the same rows");
  const auto samples = Resample(a.size(), clusters, settings, executor, [&](std::span<const uint32_t> weights) {
    return Difference(a.Compute(weights), b.Compute(weights));
  });
  return Summarise(Difference(a.Compute(), b.Compute()), samples, settings.coverage);
}

}  // namespace vigia::evaluation
