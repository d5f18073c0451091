// vigia dataset build: from a workbook to the table that models learn from.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddDatasetCommands(Commands& commands);

}  // namespace vigia::cli
