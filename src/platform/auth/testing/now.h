// For tests.
#pragma once

#include "base/clock.h"

namespace vigia::auth {

inline const WallTime kNow = ParseTime("2026-11-20T12:00:00Z").value();

}  // namespace vigia::auth
