// `vigia inference`: what was predicted, as files.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddInferenceCommands(Commands& commands);

}  // namespace vigia::cli
