// `vigia sample`: a synthetic PEDE workbook whose true risk is known.
#pragma once

#include "cli/command.h"

namespace vigia::cli {

void AddSampleCommand(Commands& commands);

}  // namespace vigia::cli
