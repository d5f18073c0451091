// The one JSON document that conditions and templates see, and commands rendered over it.
#pragma once

#include <string>
#include <variant>

#include "base/json.h"
#include "base/result.h"
#include "runbooks/action.h"
#include "runbooks/run.h"
#include "runbooks/runbook.h"

namespace vigia::runbooks {

// base + {run: {id, attempt, mode}, steps: {ID: {state, exit, status, out, text, at}}, now: Unix seconds}
Json RunDocument(const Runbook& runbook, const Run& run, const Json& base, WallTime now);

// {id, effect, command, intent_at}: .step while a step is decided about.
Json StepDocument(const Step& step, const StepRecord& record);

// A templated argument must not turn into an option: one that begins with a template may not render
// to a text that begins with '-'.
Result<std::variant<RenderedProgram, RenderedHttp>> Render(const Command& command, const Json& document);

double UnixSeconds(WallTime time);

}  // namespace vigia::runbooks
