#include "risk/shed.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace vigia::risk {
namespace {

using std::chrono::milliseconds;

constexpr Duration kBudget = milliseconds(100);

// One request on its way: when the loop last knew of everything that had arrived, and when its turn came.
class ShedTest : public testing::Test {
 protected:
  bool Passes(http::Limited limited, Duration waited) {
    response_.Clear();
    route_.limited = limited;
    http::LoopState loop;
    loop.arrived_after = MonoTime(milliseconds(5'000));
    http::Exchange exchange{request_, response_, loop};
    exchange.route = &route_;
    exchange.started = loop.arrived_after + waited;
    return stage_->Before(exchange) == http::Stage::Flow::kContinue;
  }

  http::Request request_;
  http::Response response_;
  http::Route route_;
  Counter shed_;
  std::unique_ptr<http::Stage> stage_ = MakeShedStage(kBudget, shed_);
};

TEST_F(ShedTest, APredictionThatMayHaveWaitedTooLongIsRefusedAtOnce) {
  EXPECT_TRUE(Passes(http::Limited::kYes, milliseconds(0)));
  EXPECT_TRUE(Passes(http::Limited::kYes, kBudget));
  EXPECT_EQ(shed_.value(), 0U);
  EXPECT_FALSE(Passes(http::Limited::kYes, kBudget + Duration(1)));
  EXPECT_EQ(response_.status, 503);
  EXPECT_NE(response_.headers.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_EQ(ParseJson(response_.body).value()["error"]["code"], "OVERLOADED");
  EXPECT_EQ(shed_.value(), 1U);
}

TEST_F(ShedTest, ProbesAndMetricsAreAnsweredWhateverTheyWaited) {
  EXPECT_TRUE(Passes(http::Limited::kNo, std::chrono::hours(1)));
  EXPECT_EQ(shed_.value(), 0U);
}

TEST_F(ShedTest, ItRecoversByItself) {
  EXPECT_FALSE(Passes(http::Limited::kYes, milliseconds(900)));
  EXPECT_TRUE(Passes(http::Limited::kYes, milliseconds(10)));
  EXPECT_EQ(response_.status, 200);
  EXPECT_EQ(shed_.value(), 1U);
}

}  // namespace
}  // namespace vigia::risk
