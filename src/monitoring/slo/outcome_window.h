// What became of requests, by the minute, for three days. Fixed memory: 104 KB. One thread writes, any
// thread reads; a reader may see the minute that is being written half-counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"

namespace vigia::slo {

struct Outcomes {
  uint64_t requests = 0;
  uint64_t failed = 0;  // among them
  uint64_t slow = 0;    // among them
};

class OutcomeWindow {
 public:
  static constexpr int64_t kMinutes = 3 * 24 * 60;

  enum class Success { kYes, kNo };
  enum class Speed { kFast, kSlow };
  void Add(MonoTime now, Success success, Speed speed);

  // Adds to sums[i] what happened in the last windows[i], which is the minute of `now` and whole minutes
  // before it. REQUIRES: windows of whole minutes, at most kMinutes; as many sums as windows.
  void AddTo(std::span<Outcomes> sums, std::span<const Duration> windows, MonoTime now) const;

 private:
  using Cell = std::atomic<uint32_t>;
  struct Minute {
    std::atomic<int64_t> minute{-1};
    Cell requests{0}, failed{0}, slow{0};
  };
  std::vector<Minute> minutes_{kMinutes};
};

}  // namespace vigia::slo
