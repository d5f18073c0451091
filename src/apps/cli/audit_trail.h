// Notes in logs/audit.log what a command changed.
#pragma once

#include <string>

#include "cli/command.h"

namespace vigia::cli {

// After the change: a log that cannot be written is told, not fatal. `details` holds no secret and no value of
// a pupil.
void AuditChange(Context& context, std::string action, Json details);

}  // namespace vigia::cli
