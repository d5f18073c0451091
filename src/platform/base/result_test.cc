#include "base/result.h"

#include <gtest/gtest.h>

namespace vigia {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return Error(Code::kInvalidArgument, "odd");
  return n / 2;
}

Result<int> Quarter(int n) {
  const int half = TRY(Half(n));
  return TRY_CONTEXT(Half(half), "second half");
}

Status OnlyEven(int n) {
  TRY(Half(n));
  return {};
}

TEST(ResultTest, TryYieldsTheValueOrReturnsTheError) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(3).error().message(), "odd");
  EXPECT_EQ(Quarter(6).error().message(), "second half: odd");
  EXPECT_EQ(Quarter(6).error().code(), Code::kInvalidArgument);
}

TEST(ResultTest, StatusCarriesTheError) {
  EXPECT_TRUE(OnlyEven(2).ok());
  EXPECT_EQ(OnlyEven(1).error().message(), "odd");
}

TEST(ResultTest, OnlyTransientErrorsAreRetryable) {
  EXPECT_TRUE(Error(Code::kUnavailable, "").retryable());
  EXPECT_TRUE(Error(Code::kDeadlineExceeded, "").retryable());
  EXPECT_FALSE(Error(Code::kDataLoss, "").retryable());
}

TEST(ResultDeathTest, ValueOfAnErrorEndsTheProcessWithItsMessage) {
  EXPECT_DEATH((void)Half(1).value(), "odd");
  EXPECT_DEATH(CHECK(1 > 2, "order"), "1 > 2 is false: order");
}

}  // namespace
}  // namespace vigia
