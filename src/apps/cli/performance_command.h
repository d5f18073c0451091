// vigia labels add, labels import; performance report.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddPerformanceCommands(Commands& commands);

}  // namespace vigia::cli
