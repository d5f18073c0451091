// `vigia serve risk`: becomes the service's own small program.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddServeCommands(Commands& commands);

}  // namespace vigia::cli
