// For tests: the moment of the question.
#pragma once

#include "base/clock.h"

namespace vigia::performance {

inline const WallTime kNow = *ParseTime("2026-11-20T10:00:00Z");

}  // namespace vigia::performance
