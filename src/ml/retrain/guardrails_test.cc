#include "retrain/guardrails.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

namespace vigia::retrain {
namespace {

using evaluation::Interval;
using evaluation::Metric;
using evaluation::MetricIntervals;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// No difference in anything, known exactly.
MetricIntervals Same() {
  MetricIntervals same;
  return same;
}

Verdict VerdictOf(Metric metric, Interval difference) {
  MetricIntervals differences = Same();
  differences[metric] = difference;
  return Decide(JudgeGuardrails(Same(), Same(), differences, Margins{})).verdict;
}

Interval Around(double value, double half) { return {value, value - half, value + half}; }

TEST(Guardrails, ThePolicyOnManyRows) {
  struct Case {
    const char* what;
    Metric metric;
    double difference;
    Verdict want;
  };
  const double sure = 0.002;
  for (const Case& test : {
           Case{"recall -1%", Metric::kRecall, -0.01, Verdict::kApproved},
           Case{"recall -4%", Metric::kRecall, -0.04, Verdict::kRejected},
           Case{"recall -5%", Metric::kRecall, -0.05, Verdict::kRejected},
           Case{"recall +10%", Metric::kRecall, 0.10, Verdict::kApproved},
           Case{"precision -4%", Metric::kPrecision, -0.04, Verdict::kApproved},
           Case{"precision -10%", Metric::kPrecision, -0.10, Verdict::kRejected},
           Case{"Brier +1%", Metric::kBrier, 0.01, Verdict::kApproved},
           Case{"Brier +5%", Metric::kBrier, 0.05, Verdict::kRejected},
           Case{"Brier falls", Metric::kBrier, -0.30, Verdict::kApproved},
           Case{"ROC-AUC -1%", Metric::kRocAuc, -0.01, Verdict::kRejected},
           Case{"ROC-AUC +1%", Metric::kRocAuc, 0.01, Verdict::kApproved},
           Case{"another metric", Metric::kF1, -0.50, Verdict::kApproved},
       }) {
    EXPECT_EQ(VerdictOf(test.metric, Around(test.difference, sure)), test.want) << test.what;
  }
}

TEST(Guardrails, FewRowsNeverReject) {
  EXPECT_EQ(VerdictOf(Metric::kRecall, Around(-0.01, 0.08)), Verdict::kApproved);
  EXPECT_EQ(VerdictOf(Metric::kRecall, Around(-0.05, 0.08)), Verdict::kUndecided);
  EXPECT_EQ(VerdictOf(Metric::kRocAuc, Around(0, 0.02)), Verdict::kApproved);
  EXPECT_EQ(VerdictOf(Metric::kRecall, {kNone, kNone, kNone}), Verdict::kUndecided);
  EXPECT_EQ(VerdictOf(Metric::kRecall, {-0.01, kNone, kNone}), Verdict::kApproved);
}

TEST(Guardrails, OnlyWholeIntervalsProve) {
  EXPECT_TRUE(Decide(JudgeGuardrails(Same(), Same(), Same(), Margins{})).proven);
  MetricIntervals wide = Same();
  wide[Metric::kRecall] = Around(0, 0.1);
  const auto rails = JudgeGuardrails(Same(), Same(), wide, Margins{});
  EXPECT_EQ(rails[0].status, GuardrailStatus::kTooSmall);
  const Decision decision = Decide(rails);
  EXPECT_EQ(decision.verdict, Verdict::kApproved);
  EXPECT_FALSE(decision.proven);
  ASSERT_EQ(decision.reasons.size(), 1U);
  EXPECT_NE(decision.reasons[0].find("recall"), std::string::npos);
  EXPECT_NE(decision.reasons[0].find("too few rows"), std::string::npos);
}

TEST(Guardrails, AWorseChallengerNeverFaresBetter) {
  EXPECT_TRUE(rc::check([] {
    const double value = *rc::gen::inRange(-1000, 1000) / 5000.0, half = *rc::gen::inRange(0, 500) / 5000.0;
    const double worse = *rc::gen::inRange(0, 500) / 5000.0;
    const auto rank = [](Verdict verdict) {
      return verdict == Verdict::kApproved ? 2 : verdict == Verdict::kUndecided ? 1 : 0;
    };
    for (const Metric metric : {Metric::kRecall, Metric::kPrecision, Metric::kRocAuc}) {
      RC_ASSERT(rank(VerdictOf(metric, Around(value - worse, half))) <= rank(VerdictOf(metric, Around(value, half))));
    }
    RC_ASSERT(rank(VerdictOf(Metric::kBrier, Around(value + worse, half))) <=
              rank(VerdictOf(Metric::kBrier, Around(value, half))));
  }));
}

}  // namespace
}  // namespace vigia::retrain
