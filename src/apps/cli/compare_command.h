// vigia registry compare: a shadow beside the champion.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddCompareCommand(Commands& commands);

}  // namespace vigia::cli
