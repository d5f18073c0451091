// vigia report weekly.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddReportCommands(Commands& commands);

}  // namespace vigia::cli
