// `vigia registry …`: versions of the model, and which one is the champion.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddRegistryCommands(Commands& commands);

}  // namespace vigia::cli
