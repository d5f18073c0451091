// For tests: when each of them begins.
#pragma once

#include "base/clock.h"

namespace vigia::checks {

inline constexpr WallTime kStart{std::chrono::hours(24 * 20'000)};

}  // namespace vigia::checks
