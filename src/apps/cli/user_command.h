// vigia user add | list | remove | password | key | role: who may use the control plane (state/users.json).
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddUserCommands(Commands& commands);

}  // namespace vigia::cli
