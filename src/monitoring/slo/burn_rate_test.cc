#include "slo/burn_rate.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace vigia::slo {
namespace {

TEST(BurnRate, IsTheBadShareOverTheBudget) {
  EXPECT_EQ(BurnRate({0, 0}, 0.01), 0);
  EXPECT_DOUBLE_EQ(BurnRate({1000, 10}, 0.01), 1);
  EXPECT_DOUBLE_EQ(BurnRate({100, 100}, 0.01), 100);
}

TEST(BurnRate, RulesSpendWhatTheySay) {
  // The share of a budget of 30 days that is gone when the long window has burnt at the factor.
  const std::array<double, 3> spent = {0.02, 0.05, 0.10};
  ASSERT_EQ(BurnRules().size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    const BurnRule& rule = BurnRules()[i];
    const double share = std::chrono::duration<double>(rule.long_window).count() / (30 * 24 * 3600.0);
    EXPECT_NEAR(share * rule.factor, spent[i], 1e-9);
    EXPECT_LT(rule.short_window, rule.long_window);
  }
}

TEST(BurnRate, FiresWhenBothWindowsBurn) {
  struct Case {
    const char* what;
    Counts long_counts, short_counts;
    bool exceeded, firing;
  };
  const std::vector<Case> cases = {
      {"nothing happened", {0, 0}, {0, 0}, false, false},
      {"it burns", {10'000, 1'500}, {1'000, 200}, true, true},
      {"it is over", {10'000, 1'500}, {1'000, 0}, false, false},
      {"it has only begun", {10'000, 100}, {1'000, 1'000}, false, false},
      {"exactly the factor is not above it", {1'000, 144}, {1'000, 144}, false, false},
      {"one failure of three, at night", {3, 1}, {3, 1}, true, false},
      {"four of four", {4, 4}, {4, 4}, true, false},
      {"five of five", {5, 5}, {1, 1}, true, true},
  };
  for (const Case& c : cases) {
    const BurnState state = Judge(BurnRules()[0], c.long_counts, c.short_counts, {0.01, 5});
    EXPECT_EQ(state.exceeded, c.exceeded) << c.what;
    EXPECT_EQ(state.firing(), c.firing) << c.what;
  }
}

TEST(BurnRate, SaysWhenARuleCannotFire) {
  // 14.4 times a budget of 7% is more than everything.
  EXPECT_FALSE(Judge(BurnRules()[0], {10, 10}, {10, 10}, {0.07, 5}).reachable);
  EXPECT_TRUE(Judge(BurnRules()[0], {10, 10}, {10, 10}, {0.069, 5}).reachable);
}

TEST(BurnRate, MoreFailuresNeverSilenceAnAlert) {
  EXPECT_TRUE(rc::check("monotone in the bad events", [] {
    const auto count = [](uint64_t events) { return Counts{events, *rc::gen::inRange<uint64_t>(0, events + 1)}; };
    Counts longer = count(*rc::gen::inRange<uint64_t>(1, 1000)), shorter = count(*rc::gen::inRange<uint64_t>(1, 1000));
    const BurnRule& rule = BurnRules()[*rc::gen::inRange<size_t>(0, 3)];
    const bool before = Judge(rule, longer, shorter, {0.01, 5}).firing();
    if (longer.bad < longer.events) ++longer.bad;
    if (shorter.bad < shorter.events) ++shorter.bad;
    RC_ASSERT(!before || Judge(rule, longer, shorter, {0.01, 5}).firing());
  }));
}

}  // namespace
}  // namespace vigia::slo
