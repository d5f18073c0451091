// The explicit list of what `vigia` can do.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddAllCommands(Commands& commands);

}  // namespace vigia::cli
