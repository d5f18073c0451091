// The series themselves: recent samples of each, bounded in number and in age.
#pragma once

#include <memory>

#include "signals/signal.h"
#include "signals/window.h"

namespace vigia::signals {

struct SeriesSettings {
  size_t max_series = 20'000;  // beyond it new series are dropped and counted
  // Of one series, 16 bytes each. A window that needs more keeps its whole length, but its older samples
  // are thinned: rates stay what they are, extremes and restarts of the far past may be missed.
  size_t samples_per_series = 512;
  Duration forget_after = std::chrono::minutes(15);  // a series without samples for so long is removed
};

struct SeriesPoints {
  LabelSet labels;
  std::vector<Point> points;  // in time order
};

// Not thread-safe: the thread that asks also appends what the sources collected.
class SeriesStore : public SignalView {
 public:
  // A sample not newer than its series' newest is dropped and counted. Samples are kept for
  // the longest window that is asked of their name; `forget_after`, when none is.
  virtual void Append(const std::vector<Sample>& samples) = 0;
  virtual void Forget(WallTime now) = 0;  // removes series that have ended
  // What is kept of the series with this name and these labels in (from, to].
  virtual std::vector<SeriesPoints> Points(const std::string& signal, const std::vector<Matcher>& labels, WallTime from,
                                           WallTime to) const = 0;
  virtual size_t series() const = 0;
  virtual size_t samples() const = 0;
  virtual uint64_t dropped() const = 0;  // samples: too late, or of a series too many
};

std::unique_ptr<SeriesStore> MakeSeriesStore(const SeriesSettings& settings);

}  // namespace vigia::signals
