// Sliding windows of one loop: latencies of the last minute, failures of the last ten minutes. One
// thread writes, any thread reads; a reader may see the second that is being written half-counted.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace vigia::risk {

// Latencies in buckets that grow by 1/16 of their power of two: a quantile is within 3% of the truth.
class LatencyBuckets {
 public:
  static constexpr size_t kCount = 16 * 22;  // from 1 µs to 4 s and more
  static size_t IndexOf(Duration latency);
  static double MiddleMilliseconds(size_t index);
};

// What the windows of all loops hold together.
struct WindowSums {
  std::vector<uint64_t> latency = std::vector<uint64_t>(LatencyBuckets::kCount);  // the last 60 s
  uint64_t requests = 0;                                                          // the last 10 min
  uint64_t failures = 0;                                                          // status 500 and above, among them

  uint64_t LatencyCount() const;
  // Milliseconds; NaN when there were no requests. q in [0,1].
  double Quantile(double q) const;
};

class SloWindow {
 public:
  static constexpr int64_t kLatencySeconds = 60;
  static constexpr int64_t kFailureSeconds = 600;

  void Add(MonoTime now, Duration latency, bool failed);
  void AddTo(WindowSums& sums, MonoTime now) const;

 private:
  using Cell = std::atomic<uint32_t>;
  struct LatencySecond {
    std::atomic<int64_t> second{-1};
    std::array<Cell, LatencyBuckets::kCount> counts{};
  };
  struct FailureSecond {
    std::atomic<int64_t> second{-1};
    Cell requests{0};
    Cell failures{0};
  };
  static void Increment(Cell& cell) { cell.store(cell.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }

  std::vector<LatencySecond> latency_{kLatencySeconds};
  std::vector<FailureSecond> failure_{kFailureSeconds};
};

}  // namespace vigia::risk
