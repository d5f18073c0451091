#include "training/selection.h"

#include <gtest/gtest.h>

namespace vigia::training {
namespace {

CandidateSummary Summary(const char* name, Family family, InputSet inputs, double auc, double brier) {
  CandidateSummary summary;
  summary.candidate.name = name;
  summary.candidate.family = family;
  summary.candidate.inputs = inputs;
  summary.auc = auc;
  summary.auc_se = 0.01;
  summary.brier = brier;
  return summary;
}

constexpr Family kLinear = Family::kLogisticRegression, kBoosting = Family::kGradientBoosting;
constexpr Family kForest = Family::kRandomForest;

std::string Selected(std::vector<CandidateSummary> summaries) {
  return summaries[SelectCandidate(summaries)].candidate.name;
}

TEST(Selection, PrefersTheSteadyAndSimpleWithinOneStandardError) {
  const auto stable = InputSet::kStable, full = InputSet::kFull;
  EXPECT_EQ(Selected({Summary("gb", kBoosting, stable, 0.90, 0.12), Summary("lr", kLinear, stable, 0.891, 0.13)}),
            "lr");
  EXPECT_EQ(Selected({Summary("gb", kBoosting, stable, 0.90, 0.12), Summary("lr", kLinear, stable, 0.889, 0.13)}),
            "gb");
  EXPECT_EQ(Selected({Summary("full", kLinear, full, 0.90, 0.12), Summary("rf", kForest, stable, 0.891, 0.14)}), "rf");
  EXPECT_EQ(Selected({Summary("a", kLinear, stable, 0.90, 0.13), Summary("b", kLinear, stable, 0.895, 0.12)}), "b");
  EXPECT_EQ(Selected({Summary("a", kLinear, stable, 0.90, 0.12), Summary("b", kLinear, stable, 0.90, 0.12)}), "a");
}

TEST(Selection, FullInputsDoNotRaiseTheBarForStableOnes) {
  EXPECT_EQ(Selected({Summary("full", kBoosting, InputSet::kFull, 0.900, 0.12),
                      Summary("gb", kBoosting, InputSet::kStable, 0.895, 0.12),
                      Summary("lr", kLinear, InputSet::kStable, 0.886, 0.13)}),
            "lr");
  EXPECT_EQ(Selected({Summary("full", kBoosting, InputSet::kFull, 0.900, 0.12),
                      Summary("full_lr", kLinear, InputSet::kFull, 0.895, 0.12),
                      Summary("lr", kLinear, InputSet::kStable, 0.886, 0.13)}),
            "full_lr");
}

TEST(Selection, LaterYearsCountAsMuchAsAllRows) {
  auto steady = Summary("steady", kForest, InputSet::kStable, 0.88, 0.13);
  auto shaky = Summary("shaky", kLinear, InputSet::kStable, 0.90, 0.13);
  steady.temporal_auc = 0.88;
  shaky.temporal_auc = 0.80;
  EXPECT_EQ(Selected({shaky, steady}), "steady");
}

TEST(Selection, StandardErrorIsHanleyAndMcNeils) {
  // Their paper's example: AUC .893, 51 abnormal and 58 normal images, standard error about .032.
  EXPECT_NEAR(StandardErrorOfAuc(0.893, 51, 58), 0.0316, 0.001);
  EXPECT_GT(StandardErrorOfAuc(0.9, 30, 30), StandardErrorOfAuc(0.9, 300, 300));
}

}  // namespace
}  // namespace vigia::training
