// What a drill goes through, told as progress.
#pragma once

#include "base/progress.h"

namespace vigia::drill {

enum class Stage { kTraining, kStarting, kBreaking, kDetecting, kHealing, kWriting };

void Tell(Progress& progress, Stage stage);

}  // namespace vigia::drill
