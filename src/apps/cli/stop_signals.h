// SIGTERM and SIGINT for commands that go on until they are told to stop.
#pragma once

#include "base/clock.h"

namespace vigia::cli {

// While it lives, the signals do not end the process. At most one at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // True: a signal came, before or while waiting.
  bool Wait(Duration most) const;
};

}  // namespace vigia::cli
