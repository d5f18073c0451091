// vigia alert list, vigia check list: what is watched, and what it says.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddAlertCommands(Commands& commands);

}  // namespace vigia::cli
