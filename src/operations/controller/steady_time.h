// The controller's clock: it never goes back and never jumps, so that a clock correction neither
// fires a `for` nor skips a page. It runs with the monotonic clock and creeps towards the wall clock.
#pragma once

#include "base/clock.h"

namespace vigia::controller {

class SteadyTime {
 public:
  // `journaled`: the latest time that an earlier life has stored; now does not begin before it,
  // unless it lies more than a day ahead, when it is the journal that is wrong.
  SteadyTime(WallTime wall, MonoTime mono, WallTime journaled);
  WallTime Advance(WallTime wall, MonoTime mono);
  WallTime now() const { return now_; }

 private:
  WallTime now_;
  MonoTime mono_;
};

}  // namespace vigia::controller
