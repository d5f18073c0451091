// Who is flagged.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "training/recipe.h"

namespace vigia::training {

// How a threshold does, averaged over the repeats of the cross-validation.
struct ThresholdPoint {
  double threshold = 0.5;
  double recall = 0, precision = 0, flagged_rate = 0;
};

struct ThresholdChoice {
  ThresholdPoint chosen;
  ThresholdPoint literal;       // the highest precision whose recall is at least min_recall
  bool flags_too_many = false;  // more than policy.max_flagged_to_base_rate times the base rate
};

// `repeats`: out-of-fold calibrated scores, one vector of all rows per repeat. Among the scores that
// occur, the literal choice maximises precision subject to recall; the chosen one is the lowest whose
// precision is within the policy's tolerance. Error: every threshold flags everyone or no one.
// REQUIRES: both classes.
Result<ThresholdChoice> ChooseThreshold(const std::vector<std::vector<double>>& repeats,
                                        std::span<const uint8_t> labels, const ThresholdPolicy& policy);

}  // namespace vigia::training
