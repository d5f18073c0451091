// The explicit list of what can be probed.
#pragma once

#include <span>

#include "signals/probe.h"

namespace vigia::signals {

std::span<const ProbeKind> ProbeKinds();

}  // namespace vigia::signals
