// `vigia set …`, `block-ip`, `unblock-ip`: what changes while the services run.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddSetCommands(Commands& commands);

}  // namespace vigia::cli
