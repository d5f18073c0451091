// vigia logs summary: the last minutes of logs/app.log in numbers.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddLogsCommands(Commands& commands);

}  // namespace vigia::cli
