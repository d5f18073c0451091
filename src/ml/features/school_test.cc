#include "features/school.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vigia::features {
namespace {

TEST(School, IdealPhaseIsTheWorkbooksTable) {
  const struct {
    double age, phase;
  } cases[] = {{5, 0},  {8, 0},  {8.9, 0}, {9, 1},  {10, 2}, {11, 2}, {12, 3},         {13, 3},
               {14, 4}, {15, 5}, {16, 6},  {17, 7}, {18, 8}, {21, 8}, {40, kLastPhase}};
  for (const auto& c : cases) EXPECT_EQ(IdealPhase(c.age), c.phase) << c.age;
  EXPECT_TRUE(std::isnan(IdealPhase(std::numeric_limits<double>::quiet_NaN())));
}

}  // namespace
}  // namespace vigia::features
