#include "risk/slo_report.h"

#include <gtest/gtest.h>

namespace vigia::risk {
namespace {

using slo::OutcomeWindow;
using std::chrono::minutes;

const MonoTime kThousandHours = MonoTime(std::chrono::hours(1000));

TEST(SloReport, JudgesErrorsAndLatencyApart) {
  OutcomeWindow window;
  for (int i = 0; i < 100; ++i) {
    window.Add(kThousandHours, i < 30 ? OutcomeWindow::Success::kNo : OutcomeWindow::Success::kYes,
               i < 80 ? OutcomeWindow::Speed::kSlow : OutcomeWindow::Speed::kFast);
  }
  BurnSums sums;
  sums.Add(window, kThousandHours + minutes(1));
  sums.Add(window, kThousandHours + minutes(1));  // another loop with the same
  const std::vector<Burn> burns = sums.Judge({});
  ASSERT_EQ(burns.size(), 6U);
  EXPECT_EQ(burns[0].sli, "errors");
  EXPECT_EQ(burns[0].long_counts.events, 200U);
  EXPECT_EQ(burns[0].long_counts.bad, 60U);
  EXPECT_NEAR(burns[0].state.long_rate, 30, 1e-9);
  EXPECT_TRUE(burns[0].state.firing());
  EXPECT_EQ(burns[3].sli, "latency");
  EXPECT_NEAR(burns[3].state.long_rate, 16, 1e-9);
  EXPECT_TRUE(burns[3].state.firing());
}

TEST(SloReport, AnObjectiveWithoutABudgetIsNoDivisionByZero) {
  OutcomeWindow window;
  window.Add(kThousandHours, OutcomeWindow::Success::kYes, OutcomeWindow::Speed::kFast);
  BurnSums sums;
  sums.Add(window, kThousandHours);
  for (const Burn& burn : sums.Judge({300, 0, 5})) EXPECT_EQ(burn.state.long_rate, 0);
}

}  // namespace
}  // namespace vigia::risk
