#pragma once

#include "cli/command.h"

namespace vigia::cli {

// vigia compat install: the Python spellings of the runbooks, as small programs in the home that run vigia.
void AddCompatCommands(Commands& commands);

}  // namespace vigia::cli
