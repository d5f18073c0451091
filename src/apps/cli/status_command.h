// vigia status: how everything is.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddStatusCommand(Commands& commands);

}  // namespace vigia::cli
