// For tests: a cohort by its size and seed.
#pragma once

#include <utility>
#include <vector>

#include "sample/cohort.h"

namespace vigia::sample {

inline Cohort Draw(size_t students, uint64_t seed, std::vector<int> years = {2022, 2023, 2024}) {
  return DrawCohort({students, std::move(years), seed}).value();
}

}  // namespace vigia::sample
