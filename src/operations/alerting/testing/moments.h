// For tests.
#pragma once

#include "base/clock.h"

namespace vigia::alerting {

inline constexpr WallTime kNow{std::chrono::hours(24 * 20'000)};
inline const WallTime kNoon = ParseTime("2026-11-20T12:00:00Z").value();  // as clients write it

}  // namespace vigia::alerting
