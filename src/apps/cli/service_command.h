// `vigia service list|status|start|stop|restart`, with a control plane or without one.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddServiceCommands(Commands& commands);

}  // namespace vigia::cli
