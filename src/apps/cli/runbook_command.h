// vigia runbook: what would be done, and doing it.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddRunbookCommands(Commands& commands);

}  // namespace vigia::cli
