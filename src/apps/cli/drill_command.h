// `vigia drill list|run`.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddDrillCommands(Commands& commands);

}  // namespace vigia::cli
