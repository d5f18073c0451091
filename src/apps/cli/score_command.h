// vigia score: a file of rows with the model's scores added.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddScoreCommand(Commands& commands);

}  // namespace vigia::cli
