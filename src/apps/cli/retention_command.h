// vigia retention.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddRetentionCommand(Commands& commands);

}  // namespace vigia::cli
