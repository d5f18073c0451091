#include "drill/leaky.h"

#include <gtest/gtest.h>

namespace vigia::drill {
namespace {

TEST(LeakyTest, ComesCloseToItsLimitAndNeverReachesIt) {
  const int64_t limit = 128 << 20;
  int64_t resident = 12 << 20;
  int steps = 0;
  while (resident < limit / 100 * 85) {
    resident += NextLeak(resident, limit);
    ++steps;
  }
  EXPECT_LE(steps, 20) << "two seconds";
  for (int i = 0; i < 10'000; ++i) resident += NextLeak(resident, limit);
  EXPECT_LT(resident, limit);
  EXPECT_EQ(NextLeak(limit + 1, limit), 0);
}

}  // namespace
}  // namespace vigia::drill
