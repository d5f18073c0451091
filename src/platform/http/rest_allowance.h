// How long a loop may rest (Handler::Rest): as long as it has waited for events of late. So rests take nothing from
// requests when these alone keep the loop busy, and otherwise at most half of what they leave.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace vigia::http {

class RestAllowance {
 public:
  using Time = MonoTime::duration;
  bool left() const { return left_ > Time(0); }
  void Waited(Time time) { left_ = std::min(left_ + time, kMost); }
  void Rested(Time time) { left_ -= time; }

 private:
  static constexpr Time kMost = std::chrono::milliseconds(10);  // long waits are no excuse later
  Time left_ = kMost;
};

}  // namespace vigia::http
