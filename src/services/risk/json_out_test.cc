#include "risk/json_out.h"

#include <gtest/gtest.h>

namespace vigia::risk {
namespace {

std::string Fixed(double value) {
  std::string out;
  AppendFixed6(out, value);
  return out;
}

TEST(JsonOutTest, WritesScores) {
  EXPECT_EQ(Fixed(0), "0.000000");
  EXPECT_EQ(Fixed(1), "1.000000");
  EXPECT_EQ(Fixed(0.7571234), "0.757123");
  EXPECT_EQ(Fixed(0.0000005), "0.000001");
  EXPECT_EQ(Fixed(0.9999999), "1.000000");
  EXPECT_EQ(Fixed(0.05), "0.050000");
}

TEST(JsonOutTest, WritesMilliseconds) {
  std::string out;
  AppendMilliseconds(out, std::chrono::nanoseconds(12'345'678));
  EXPECT_EQ(out, "12.346");
  out.clear();
  AppendMilliseconds(out, std::chrono::nanoseconds(0));
  EXPECT_EQ(out, "0.001");
}

}  // namespace
}  // namespace vigia::risk
