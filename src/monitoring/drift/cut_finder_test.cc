#include "drift/cut_finder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"

namespace vigia::drift {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// At, just below and just above every cut, between them, far outside, and what is no number.
void ExpectAsLowerBound(const std::vector<double>& cuts) {
  const CutFinder finder(cuts);
  EXPECT_EQ(finder.cuts(), cuts.size());
  std::vector<double> values = {0, -0.0, 1e308, -1e308, kInfinity, -kInfinity, 5e-324};
  Rng rng(7);
  for (size_t i = 0; i < cuts.size(); ++i) {
    values.insert(values.end(), {cuts[i], std::nextafter(cuts[i], -kInfinity), std::nextafter(cuts[i], kInfinity)});
    const double next = cuts[(i + 1) % cuts.size()];
    for (int between = 0; between < 20; ++between) values.push_back(cuts[i] + (next - cuts[i]) * rng.Uniform());
  }
  for (const double value : values) {
    const auto below = static_cast<size_t>(std::lower_bound(cuts.begin(), cuts.end(), value) - cuts.begin());
    ASSERT_EQ(finder.Below(value), below) << value << " of " << cuts.size();
  }
  EXPECT_EQ(finder.Below(std::nan("")), 0u);
  values.push_back(std::nan(""));
  std::vector<uint16_t> codes(values.size());
  finder.Find(values, codes);
  for (size_t i = 0; i + 1 < values.size(); ++i) ASSERT_EQ(codes[i], finder.Below(values[i])) << values[i];
  EXPECT_EQ(codes.back(), cuts.size() + 1);
}

TEST(CutFinderTest, AsLowerBoundFinds) {
  for (const std::vector<double>& cuts :
       std::vector<std::vector<double>>{{},
                                        {3},
                                        {-1, 1},
                                        {0, 1, 2, 3, 4, 5, 6, 7, 8},
                                        {-1.0000010000000001, -0.999999, 0.099999, 0.100001, 9.99999, 10.00001},
                                        {0.1, 0.2, 0.30000000000000004, 7},
                                        {-1e300, -1, 0, 1e-300, 1, 1e300},
                                        {-1.7e308, 0, 1.7e308},         // their range is beyond a double
                                        {1, std::nextafter(1.0, 2.0)},  // and hardly any
                                        {0, 5e-324},
                                        {1, 1.0000001, 1.0000002, 1.0000003, 1000}}) {  // more than two in a cell
    ExpectAsLowerBound(cuts);
  }
}

TEST(CutFinderTest, AsLowerBoundFindsWhateverTheCuts) {
  Rng rng(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<double> cuts;
    const size_t count = 1 + rng.Below(200);
    const double scale = std::exp(20 * rng.Normal());
    for (size_t i = 0; i < count; ++i) cuts.push_back(round % 2 == 0 ? scale * rng.Uniform() : scale * rng.Normal());
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    ExpectAsLowerBound(cuts);
  }
}

}  // namespace
}  // namespace vigia::drift
