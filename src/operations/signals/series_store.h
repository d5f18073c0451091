// The series themselves: a ring of recent samples each, bounded in number and in age.
#pragma once

#include <memory>

#include "signals/signal.h"

namespace vigia::signals {

struct SeriesSettings {
  size_t max_series = 20'000;  // beyond it new series are dropped and counted
  size_t samples_per_series = 512;
  Duration forget_after = std::chrono::minutes(15);  // a series without samples for so long is removed
};

// Not thread-safe: the thread that asks also appends what the sources collected.
class SeriesStore : public SignalView {
 public:
  // A sample not newer than its series' newest is dropped.
  virtual void Append(const std::vector<Sample>& samples) = 0;
  virtual void Forget(WallTime now) = 0;  // removes series that have ended
  virtual size_t series() const = 0;
  virtual uint64_t dropped() const = 0;
};

std::unique_ptr<SeriesStore> MakeSeriesStore(const SeriesSettings& settings);

}  // namespace vigia::signals
