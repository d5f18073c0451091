// vigia retrain: a challenger against the champion, on rows that neither has seen.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddRetrainCommand(Commands& commands);

}  // namespace vigia::cli
