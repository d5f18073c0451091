// Early refusal beyond capacity: a prediction that may have waited longer than the budget before its
// turn came is answered with 503 at once. So what is accepted has waited for little more than one
// budget, and when the load falls, turns are short again.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/metrics.h"
#include "http/stage.h"

namespace vigia::risk {

// Only limited routes are refused: probes and metrics must answer when it matters most.
std::unique_ptr<http::Stage> MakeShedStage(Duration budget, Counter& shed);

}  // namespace vigia::risk
