#include "base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace vigia {
namespace {

TEST(RngTest, SameSeedSameSequence) {
  Rng a(42), b(42), c(43);
  const uint64_t first = a.Next();
  EXPECT_EQ(first, b.Next());
  EXPECT_NE(first, c.Next());
  EXPECT_EQ(a.Fork(1).Next(), b.Fork(1).Next());
  EXPECT_NE(a.Fork(1).Next(), a.Fork(2).Next());
}

TEST(RngTest, BelowIsUniform) {
  Rng rng(7);
  std::vector<int> counts(10);
  for (int i = 0; i < 100000; ++i) ++counts[rng.Below(10)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
}

TEST(RngTest, NormalHasUnitMoments) {
  Rng rng(1);
  double sum = 0, squares = 0;
  for (int i = 0; i < 200000; ++i) {
    const double x = rng.Normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 200000, 0.0, 0.01);
  EXPECT_NEAR(squares / 200000, 1.0, 0.02);
}

TEST(RngTest, ShuffleKeepsEveryItem) {
  std::vector<int> items(100);
  for (int i = 0; i < 100; ++i) items[static_cast<size_t>(i)] = i;
  Rng rng(3);
  rng.Shuffle(items);
  EXPECT_EQ(std::set<int>(items.begin(), items.end()).size(), 100U);
  EXPECT_NE(items.front(), 0);
}

TEST(EntropyTest, DrawsDiffer) {
  SystemEntropy entropy;
  EXPECT_NE(RandomHex(entropy, 16), RandomHex(entropy, 16));
  EXPECT_EQ(RandomHex(entropy, 16).size(), 32U);
}

}  // namespace
}  // namespace vigia
