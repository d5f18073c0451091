// What is measured: samples of named series, and questions about their recent past.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "signals/labels.h"

namespace vigia::signals {

struct Sample {
  std::string name;
  LabelSet labels;
  double value = 0;  // NaN marks a series that has ended
  WallTime at{};
};

// A function of the samples in (now - window, now], as PromQL defines the one of the same name.
enum class Function { kLast, kAvg, kMin, kMax, kSum, kCount, kRate, kIncrease, kQuantile, kAge, kUptime };

// A question: of every series with this name and these labels, the function's value.
//   kLast      the newest sample that is not older than the window
//   kQuantile  of a histogram: rates of NAME_bucket by `le` over the window, then interpolated
//   kAge       seconds since the newest sample's time
//   kUptime    ours: the share of the window's time in which the value was not below 1. A sample holds until the next
//              one; time before the first sample, and after the series has ended, counts as up
struct Selector {
  std::string signal;
  std::vector<Matcher> labels;
  Function function = Function::kLast;
  Duration window = std::chrono::minutes(5);
  double quantile = 0.95;  // of kQuantile, in [0, 1]
};

struct Reading {
  LabelSet labels;  // of the series; kQuantile: without `le`
  double value = 0;
};

// Read side of the series. A prepared question is answered without searching again; what it matches
// follows series as they come and go. Not thread-safe: one thread asks.
class SignalView {
 public:
  using Query = uint32_t;
  virtual ~SignalView() = default;
  // The same question gives the same query.
  virtual Query Prepare(const Selector& selector) = 0;
  // Appends the readings that exist at `now`; a series without samples in its window gives none.
  virtual void Read(Query query, WallTime now, std::vector<Reading>& readings) const = 0;
};

// Where samples come from: a scrape, a probe, a job's JSON. Called on a worker thread, one call at a time.
class SignalSource {
 public:
  virtual ~SignalSource() = default;
  virtual const std::string& name() const = 0;
  virtual Duration every() const = 0;
  // After so long a call counts as hanging; `every` when there is nothing better.
  virtual Duration timeout() const { return every(); }
  // Never fails: a probe that cannot reach its target says so by a sample,
  // probe_success{probe="NAME",…} 0, and probe_seconds{…}.
  virtual std::vector<Sample> Collect(WallTime now) = 0;
  // What is said in its place while it hangs. Called on any thread, also during Collect.
  virtual std::vector<Sample> Hanging(WallTime) const { return {}; }
};

}  // namespace vigia::signals
