#include "slo/outcome_window.h"

#include "base/result.h"

namespace vigia::slo {

namespace {

int64_t MinuteOf(MonoTime now) { return std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count(); }

void Increment(std::atomic<uint32_t>& cell) {
  cell.store(cell.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

void OutcomeWindow::Add(MonoTime now, Success success, Speed speed) {
  const int64_t minute = MinuteOf(now);
  Minute& slot = minutes_[static_cast<size_t>(minute % kMinutes)];
  if (slot.minute.load(std::memory_order_relaxed) != minute) {
    slot.minute.store(-1, std::memory_order_release);
    slot.requests.store(0, std::memory_order_relaxed);
    slot.failed.store(0, std::memory_order_relaxed);
    slot.slow.store(0, std::memory_order_relaxed);
    slot.minute.store(minute, std::memory_order_release);
  }
  Increment(slot.requests);
  if (success == Success::kNo) Increment(slot.failed);
  if (speed == Speed::kSlow) Increment(slot.slow);
}

void OutcomeWindow::AddTo(std::span<Outcomes> sums, std::span<const Duration> windows, MonoTime now) const {
  CHECK(sums.size() == windows.size(), "a sum for each window");
  const int64_t minute = MinuteOf(now);
  for (const Minute& slot : minutes_) {
    const int64_t held = slot.minute.load(std::memory_order_acquire);
    if (held < 0 || held > minute) continue;
    for (size_t i = 0; i < windows.size(); ++i) {
      if (minute - held >= std::chrono::floor<std::chrono::minutes>(windows[i]).count()) continue;
      sums[i].requests += slot.requests.load(std::memory_order_relaxed);
      sums[i].failed += slot.failed.load(std::memory_order_relaxed);
      sums[i].slow += slot.slow.load(std::memory_order_relaxed);
    }
  }
}

}  // namespace vigia::slo
