#include "features/school.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace vigia::features {

double IdealPhase(double age) {
  if (std::isnan(age)) return age;
  // The youngest age of each phase from 1 on.
  static constexpr double kYoungest[] = {9, 10, 12, 14, 15, 16, 17, 18};
  return static_cast<double>(std::upper_bound(std::begin(kYoungest), std::end(kYoungest), age) - std::begin(kYoungest));
}

}  // namespace vigia::features
