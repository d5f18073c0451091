// The raw features that a model may take in.
#pragma once

#include <vector>

#include "features/spec.h"

namespace vigia::training {

// Names, types and accepted ranges; nothing seen yet.
std::vector<features::RawFeature> RawCatalogue();

}  // namespace vigia::training
