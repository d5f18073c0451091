// vigia drift report, drift summary.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddDriftCommands(Commands& commands);

}  // namespace vigia::cli
