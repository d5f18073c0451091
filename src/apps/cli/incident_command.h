// vigia incident: what is wrong, and what people do about it.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddIncidentCommands(Commands& commands);

}  // namespace vigia::cli
