// vigia oncall who, oncall lint.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddOncallCommands(Commands& commands);

}  // namespace vigia::cli
