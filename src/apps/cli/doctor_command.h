// vigia doctor: is this home fit to be watched.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddDoctorCommand(Commands& commands);

}  // namespace vigia::cli
