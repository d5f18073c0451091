// Calls the sources when they are due, each on a worker thread. A source that hangs holds up nobody.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "signals/signal.h"

namespace vigia::signals {

struct CollectorSettings {
  size_t threads = 64;  // calls at once, not counting those that hang; started as they are needed
  Duration stop_grace = std::chrono::seconds(5);  // at the end, for calls that still run
};

// Poll from one thread; it never blocks, and time is what it is told.
class Collector {
 public:
  Collector(std::vector<std::unique_ptr<SignalSource>> sources, const CollectorSettings& settings);
  // Waits for running calls, at most the grace; the thread of one that still hangs is left behind, and
  // keeps its source. What sources refer to must therefore outlive them all, or the process end.
  ~Collector();

  // Starts what is due at `now`, and returns what was collected since the last call. In place of a
  // source that hangs (longer than its timeout and a second) comes what its Hanging says, at its beat.
  std::vector<Sample> Poll(WallTime now);

  size_t hanging() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace vigia::signals
