#include "risk/slo_window.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace vigia::risk {

namespace {
int64_t SecondOf(MonoTime now) { return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count(); }
}  // namespace

// Values below 16 µs have a bucket each; above, four bits behind the leading one.
size_t LatencyBuckets::IndexOf(Duration latency) {
  const auto us = static_cast<uint64_t>(std::max<int64_t>(0, latency.count()));
  if (us < 16) return static_cast<size_t>(us);
  const auto power = static_cast<size_t>(std::bit_width(us)) - 5;  // us >> power is in [16, 32)
  return std::min(kCount - 1, 16 * power + static_cast<size_t>(us >> power));
}

double LatencyBuckets::MiddleMilliseconds(size_t index) {
  if (index < 16) return (static_cast<double>(index) + 0.5) / 1000;
  const size_t power = index / 16 - 1;
  const double low = std::ldexp(static_cast<double>(16 + index % 16), static_cast<int>(power));
  return (low + std::ldexp(0.5, static_cast<int>(power))) / 1000;
}

uint64_t WindowSums::LatencyCount() const {
  uint64_t total = 0;
  for (const uint64_t count : latency) total += count;
  return total;
}

double WindowSums::Quantile(double q) const {
  const uint64_t total = LatencyCount();
  if (total == 0) return std::nan("");
  const auto rank = static_cast<uint64_t>(q * static_cast<double>(total - 1) + 0.5);
  uint64_t below = 0;
  for (size_t i = 0; i < latency.size(); ++i) {
    below += latency[i];
    if (below > rank) return LatencyBuckets::MiddleMilliseconds(i);
  }
  return LatencyBuckets::MiddleMilliseconds(latency.size() - 1);
}

void SloWindow::Add(MonoTime now, Duration latency, bool failed) {
  const int64_t second = SecondOf(now);
  LatencySecond& slot = latency_[static_cast<size_t>(second % kLatencySeconds)];
  if (slot.second.load(std::memory_order_relaxed) != second) {
    slot.second.store(-1, std::memory_order_release);
    for (Cell& cell : slot.counts) cell.store(0, std::memory_order_relaxed);
    slot.second.store(second, std::memory_order_release);
  }
  Increment(slot.counts[LatencyBuckets::IndexOf(latency)]);
  FailureSecond& failure = failure_[static_cast<size_t>(second % kFailureSeconds)];
  if (failure.second.load(std::memory_order_relaxed) != second) {
    failure.second.store(-1, std::memory_order_release);
    failure.requests.store(0, std::memory_order_relaxed);
    failure.failures.store(0, std::memory_order_relaxed);
    failure.second.store(second, std::memory_order_release);
  }
  Increment(failure.requests);
  if (failed) Increment(failure.failures);
}

void SloWindow::AddTo(WindowSums& sums, MonoTime now) const {
  const int64_t second = SecondOf(now);
  const auto is_recent = [second](const std::atomic<int64_t>& at, int64_t window) {
    const int64_t held = at.load(std::memory_order_acquire);
    return held >= 0 && held <= second && second - held < window;
  };
  for (const LatencySecond& slot : latency_) {
    if (!is_recent(slot.second, kLatencySeconds)) continue;
    for (size_t i = 0; i < LatencyBuckets::kCount; ++i) {
      sums.latency[i] += slot.counts[i].load(std::memory_order_relaxed);
    }
  }
  for (const FailureSecond& slot : failure_) {
    if (!is_recent(slot.second, kFailureSeconds)) continue;
    sums.requests += slot.requests.load(std::memory_order_relaxed);
    sums.failures += slot.failures.load(std::memory_order_relaxed);
  }
}

}  // namespace vigia::risk
