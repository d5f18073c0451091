#include "risk/exemplars.h"

#include <algorithm>
#include <cstring>

namespace vigia::risk {

// A sequence lock without fences, which ThreadSanitizer does not know: each store behind the odd version
// releases it, each load before the second look acquires.
void ExemplarCell::Set(MonoTime now, WallTime wall, std::string_view request_id, double seconds) {
  written_ = now;
  std::array<uint64_t, kWords> words{};
  const size_t length = std::min(request_id.size(), sizeof(words));
  std::memcpy(words.data(), request_id.data(), length);
  const uint32_t version = version_.load(std::memory_order_relaxed);
  version_.store(version + 1, std::memory_order_relaxed);
  for (size_t i = 0; i < kWords; ++i) id_[i].store(words[i], std::memory_order_release);
  length_.store(length, std::memory_order_release);
  seconds_.store(seconds, std::memory_order_release);
  unix_seconds_.store(std::chrono::duration<double>(wall.time_since_epoch()).count(), std::memory_order_release);
  version_.store(version + 2, std::memory_order_release);
}

MetricsText::Exemplar ExemplarCell::Get() const {
  const uint32_t before = version_.load(std::memory_order_acquire);
  if (before == 0 || before % 2 != 0) return {};
  std::array<uint64_t, kWords> words{};
  for (size_t i = 0; i < kWords; ++i) words[i] = id_[i].load(std::memory_order_acquire);
  const auto length = static_cast<size_t>(length_.load(std::memory_order_acquire));
  const double seconds = seconds_.load(std::memory_order_acquire);
  const double unix_seconds = unix_seconds_.load(std::memory_order_acquire);
  if (version_.load(std::memory_order_relaxed) != before) return {};
  std::string id(std::min(length, sizeof(words)), '\0');
  std::memcpy(id.data(), words.data(), id.size());
  return {std::move(id), seconds, unix_seconds};
}

ExemplarCell& Exemplars::CellOf(double seconds) {
  const auto bounds = LatencyBounds();
  return cells_[static_cast<size_t>(std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin())];
}

void Exemplars::MergeInto(std::vector<MetricsText::Exemplar>& merged) const {
  merged.resize(cells_.size());
  for (size_t i = 0; i < cells_.size(); ++i) {
    MetricsText::Exemplar mine = cells_[i].Get();
    if (!mine.trace_id.empty() && mine.unix_seconds >= merged[i].unix_seconds) merged[i] = std::move(mine);
  }
}

}  // namespace vigia::risk
