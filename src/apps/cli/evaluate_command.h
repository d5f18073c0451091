#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddEvaluateCommand(Commands& commands);

}  // namespace vigia::cli
