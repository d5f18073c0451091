// vigia up: the control plane.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddUpCommand(Commands& commands);

}  // namespace vigia::cli
