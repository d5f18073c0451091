// A run of a runbook as the API tells it. Pure.
#pragma once

#include "base/json.h"
#include "runbooks/run.h"
#include "runbooks/runbook.h"

namespace vigia::control {

// `runbook`: the text that the run began with; null when it is not known any more: then without attempts.
// Outputs are redacted and cut to 8 KiB.
Json ViewOf(const runbooks::Run& run, const runbooks::Runbook* runbook);

}  // namespace vigia::control
