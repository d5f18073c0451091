// Functions of the samples in a window. Pure; each is PromQL's of the same name (promql/functions.go).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "signals/signal.h"

namespace vigia::signals {

struct Point {
  int64_t at = 0;  // microseconds since 1970
  double value = 0;
};

// NaN marks the end of a series: rates and averages step over it, kLast ends with it.
// kUptime also looks at the sample before the window, when it is there: its value holds into the window.
// `points` are sorted by time. A window is (now - window, now]. kQuantile is not of one series.
std::optional<double> Evaluate(Function function, std::span<const Point> points, WallTime now, Duration window);

struct Bucket {
  double upper = 0;  // `le`
  double count = 0;  // cumulative, or its rate
};

// Linear inside a bucket. nullopt: no +Inf bucket, fewer than two buckets, or nothing counted.
std::optional<double> HistogramQuantile(double quantile, std::vector<Bucket> buckets);

}  // namespace vigia::signals
