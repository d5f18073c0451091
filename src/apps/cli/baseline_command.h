// vigia baseline build.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddBaselineCommands(Commands& commands);

}  // namespace vigia::cli
