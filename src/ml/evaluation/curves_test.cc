#include "evaluation/curves.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace vigia::evaluation {
namespace {

TEST(Curves, RocGoesFromCornerToCornerAndItsAreaIsTheAuc) {
  Rng rng(1);
  std::vector<double> scores;
  std::vector<uint8_t> labels;
  for (int i = 0; i < 3000; ++i) {
    scores.push_back(rng.Uniform());
    labels.push_back(rng.Uniform() < scores.back());
  }
  const Curves curves = ComputeCurves(scores, labels);
  ASSERT_LE(curves.roc.size(), 200U);
  EXPECT_EQ(curves.roc.front().true_positive_rate, 0);
  EXPECT_EQ(curves.roc.back().false_positive_rate, 1);
  double area = 0;
  for (size_t i = 1; i < curves.roc.size(); ++i) {
    area += (curves.roc[i].false_positive_rate - curves.roc[i - 1].false_positive_rate) *
            (curves.roc[i].true_positive_rate + curves.roc[i - 1].true_positive_rate) / 2;
  }
  EXPECT_NEAR(area, 5.0 / 6, 0.02);
  EXPECT_EQ(curves.pr.back().recall, 1);
  size_t binned = 0, drawn = 0;
  for (const auto& bin : curves.calibration) {
    binned += bin.n;
    EXPECT_NEAR(bin.mean_score, bin.observed_rate, 0.12);
  }
  for (const auto& bar : curves.histogram) drawn += bar.positives + bar.negatives;
  EXPECT_EQ(binned, 3000U);
  EXPECT_EQ(drawn, 3000U);
}

TEST(Curves, OneClassHasNoRoc) {
  const std::vector<double> scores{0.0, 1.0};
  const std::vector<uint8_t> none{0, 0}, all{1, 1};
  EXPECT_TRUE(ComputeCurves(scores, none).roc.empty());
  EXPECT_TRUE(ComputeCurves(scores, none).pr.empty());
  EXPECT_TRUE(ComputeCurves(scores, all).roc.empty());
  EXPECT_EQ(ComputeCurves(scores, all).pr.size(), 2U);
  EXPECT_EQ(ComputeCurves(scores, all).histogram.back().positives, 1U) << "a score of 1 is in the last bin";
}

TEST(Curves, EmptyBinsAreNullInJson) {
  const std::vector<double> scores{0.05};
  const std::vector<uint8_t> labels{1};
  const Json json = ToJson(ComputeCurves(scores, labels));
  EXPECT_EQ(json["calibration"][0]["observed_rate"], 1.0);
  EXPECT_TRUE(json["calibration"][5]["observed_rate"].is_null());
}

}  // namespace
}  // namespace vigia::evaluation
