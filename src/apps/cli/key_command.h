#pragma once

#include "cli/command.h"

namespace vigia::cli {

// vigia key create|list|revoke|rotate: API keys of the services, in state/api_keys.json.
void AddKeyCommands(Commands& commands);

}  // namespace vigia::cli
