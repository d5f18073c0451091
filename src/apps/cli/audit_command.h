// `vigia audit verify|show`.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddAuditCommands(Commands& commands);

}  // namespace vigia::cli
