#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddTrainCommand(Commands& commands);

}  // namespace vigia::cli
