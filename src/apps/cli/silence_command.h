// vigia silence add|list|expire: for a time, some alerts wake nobody.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddSilenceCommands(Commands& commands);

}  // namespace vigia::cli
