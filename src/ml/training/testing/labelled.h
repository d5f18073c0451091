// For tests: what an estimator is fitted to.
#pragma once

#include <cstdint>
#include <vector>

#include "training/matrix.h"

namespace vigia::training {

struct Labelled {
  Matrix inputs;
  std::vector<uint8_t> labels;
};

}  // namespace vigia::training
