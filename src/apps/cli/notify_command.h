// vigia notify test.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddNotifyCommands(Commands& commands);

}  // namespace vigia::cli
