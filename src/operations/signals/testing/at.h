// For tests: moments, in seconds since the test began.
#pragma once

#include "base/clock.h"

namespace vigia::signals {

inline constexpr WallTime kStart{std::chrono::seconds(1'700'000'000)};
inline WallTime At(int second) { return kStart + std::chrono::seconds(second); }

}  // namespace vigia::signals
