// `vigia config show`: every setting in force, and where it came from.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddConfigCommands(Commands& commands);

}  // namespace vigia::cli
