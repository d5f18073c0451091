#include "signals/window.h"

#include <algorithm>
#include <cmath>

namespace vigia::signals {
namespace {

std::span<const Point> InWindow(std::span<const Point> points, WallTime now, Duration window) {
  const int64_t end = now.time_since_epoch().count();
  const int64_t start = end - window.count();
  const auto later = [](int64_t time, const Point& point) { return time < point.at; };
  const auto first = std::upper_bound(points.begin(), points.end(), start, later);
  const auto last = std::upper_bound(first, points.end(), end, later);
  return {first, last};
}

// What a counter gained between its first and last sample; a fall is a restart from zero.
struct Gain {
  double sum = 0;
  size_t count = 0;
  Point first;
  Point last;
};

Gain GainOf(std::span<const Point> points) {
  Gain gain;
  for (const Point& point : points) {
    if (std::isnan(point.value)) continue;
    if (gain.count == 0) {
      gain.first = point;
    } else {
      gain.sum += point.value < gain.last.value ? point.value : point.value - gain.last.value;
    }
    gain.last = point;
    ++gain.count;
  }
  return gain;
}

// Extends what was seen to the borders of the window, but not further than half a step beyond the
// samples, and never below zero at its start.
std::optional<double> Increase(std::span<const Point> points, int64_t end, int64_t window) {
  const Gain gain = GainOf(points);
  if (gain.count < 2) return std::nullopt;
  const double sampled = static_cast<double>(gain.last.at - gain.first.at);
  const double step = sampled / static_cast<double>(gain.count - 1);
  double before = static_cast<double>(gain.first.at - (end - window));
  double after = static_cast<double>(end - gain.last.at);
  if (before >= step * 1.1) before = step / 2;
  if (after >= step * 1.1) after = step / 2;
  if (gain.sum > 0 && gain.first.value >= 0) {
    before = std::min(before, sampled * (gain.first.value / gain.sum));
  }
  return gain.sum * ((sampled + before + after) / sampled);
}

double Uptime(std::span<const Point> points, int64_t start, int64_t end) {
  int64_t down = 0;
  for (size_t i = 0; i < points.size() && points[i].at <= end; ++i) {
    const bool is_down = points[i].value < 1;  // NaN is not
    const int64_t until = i + 1 < points.size() ? std::min(points[i + 1].at, end) : end;
    if (is_down && until > start) down += until - std::max(points[i].at, start);
  }
  return 1 - static_cast<double>(down) / static_cast<double>(end - start);
}

std::optional<double> Fold(Function function, std::span<const Point> points) {
  double count = 0, sum = 0, least = 0, most = 0;
  for (const Point& point : points) {
    if (std::isnan(point.value)) continue;
    least = count == 0 ? point.value : std::min(least, point.value);
    most = count == 0 ? point.value : std::max(most, point.value);
    sum += point.value;
    ++count;
  }
  if (count == 0) return std::nullopt;
  switch (function) {
    case Function::kAvg: return sum / count;
    case Function::kMin: return least;
    case Function::kMax: return most;
    case Function::kSum: return sum;
    default: return count;
  }
}

}  // namespace

std::optional<double> Evaluate(Function function, std::span<const Point> points, WallTime now, Duration window) {
  const std::span<const Point> seen = InWindow(points, now, window);
  if (seen.empty()) return std::nullopt;
  const int64_t end = now.time_since_epoch().count();
  switch (function) {
    case Function::kLast: {
      if (std::isnan(seen.back().value)) return std::nullopt;
      return seen.back().value;
    }
    case Function::kAge: {
      if (std::isnan(seen.back().value)) return std::nullopt;
      return static_cast<double>(end - seen.back().at) / 1e6;
    }
    case Function::kRate: {
      const auto increase = Increase(seen, end, window.count());
      if (!increase) return std::nullopt;
      return *increase / (static_cast<double>(window.count()) / 1e6);
    }
    case Function::kIncrease: return Increase(seen, end, window.count());
    case Function::kUptime: return Uptime(points, end - window.count(), end);
    case Function::kQuantile: return std::nullopt;
    default: return Fold(function, seen);
  }
}

std::optional<double> HistogramQuantile(double quantile, std::vector<Bucket> buckets) {
  if (!(quantile >= 0 && quantile <= 1)) return std::nullopt;
  std::sort(buckets.begin(), buckets.end(), [](const Bucket& a, const Bucket& b) { return a.upper < b.upper; });
  std::vector<Bucket> distinct;
  for (const Bucket& bucket : buckets) {
    if (!distinct.empty() && distinct.back().upper == bucket.upper) {
      distinct.back().count += bucket.count;
    } else {
      distinct.push_back(bucket);
    }
  }
  if (distinct.size() < 2 || !(distinct.back().upper == std::numeric_limits<double>::infinity())) return std::nullopt;
  // Buckets are scraped one after the other: a later one may have counted less. It cannot.
  for (size_t i = 1; i < distinct.size(); ++i) distinct[i].count = std::max(distinct[i].count, distinct[i - 1].count);
  const double total = distinct.back().count;
  if (!(total > 0)) return std::nullopt;
  const double rank = quantile * total;
  size_t at = 0;
  while (at + 1 < distinct.size() && distinct[at].count < rank) ++at;
  if (at + 1 == distinct.size()) return distinct[at - 1].upper;
  if (at == 0 && distinct[0].upper <= 0) return distinct[0].upper;
  const double start = at == 0 ? 0 : distinct[at - 1].upper;
  const double below = at == 0 ? 0 : distinct[at - 1].count;
  const double inside = distinct[at].count - below;
  if (!(inside > 0)) return start;
  return start + (distinct[at].upper - start) * ((rank - below) / inside);
}

}  // namespace vigia::signals
