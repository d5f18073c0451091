// One request per latency bucket, named by its request id, so that a slow bucket leads to a log line.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"

namespace vigia::risk {

// The last request of a bucket, renewed at most once a second. One thread writes, any thread reads.
class ExemplarCell {
 public:
  bool IsDue(MonoTime now) const { return now - written_ >= std::chrono::seconds(1) || written_ == MonoTime{}; }
  // Ids longer than 64 bytes are cut off.
  void Set(MonoTime now, WallTime wall, std::string_view request_id, double seconds);
  // With an empty id when there is none, or when it is being written right now.
  MetricsText::Exemplar Get() const;

 private:
  static constexpr size_t kWords = 8;

  MonoTime written_{};                // the writer's own
  std::atomic<uint32_t> version_{0};  // odd while it is written
  std::atomic<uint64_t> length_{0};
  std::array<std::atomic<uint64_t>, kWords> id_{};
  std::atomic<double> seconds_{0};
  std::atomic<double> unix_seconds_{0};
};

// A cell for each bucket of LatencyBounds.
class Exemplars {
 public:
  Exemplars() : cells_(LatencyBounds().size() + 1) {}
  ExemplarCell& CellOf(double seconds);
  // Keeps in `merged` the newer of each bucket.
  void MergeInto(std::vector<MetricsText::Exemplar>& merged) const;

 private:
  std::vector<ExemplarCell> cells_;
};

}  // namespace vigia::risk
