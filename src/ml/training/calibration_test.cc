#include "training/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "training/logistic.h"

namespace vigia::training {
namespace {

struct LabelledMargins {
  std::vector<double> margins;
  std::vector<uint8_t> labels;
};

// An overconfident model: its log-odds are twice the true ones, and too high by 1.
LabelledMargins Overconfident(size_t rows, uint64_t seed) {
  Rng rng(seed);
  LabelledMargins data;
  for (size_t i = 0; i < rows; ++i) {
    const double truth = 1.5 * rng.Normal();
    data.margins.push_back(2 * truth + 1);
    data.labels.push_back(rng.Uniform() < Sigmoid(truth));
  }
  return data;
}

double Brier(const Calibration& calibration, const LabelledMargins& data) {
  double sum = 0;
  for (size_t i = 0; i < data.margins.size(); ++i) {
    const double miss = calibration.Apply(data.margins[i]) - data.labels[i];
    sum += miss * miss;
  }
  return sum / static_cast<double>(data.margins.size());
}

TEST(Calibration, SigmoidUndoesTheOverconfidence) {
  const LabelledMargins train = Overconfident(20000, 1), fresh = Overconfident(5000, 2);
  const auto sigmoid = FitCalibration(CalibrationMethod::kSigmoid, train.margins, train.labels).value();
  EXPECT_NEAR(sigmoid.a, 0.5, 0.02);
  EXPECT_NEAR(sigmoid.b, -0.5, 0.04);
  const auto isotonic = FitCalibration(CalibrationMethod::kIsotonic, train.margins, train.labels).value();
  const double raw = Brier(Calibration{}, fresh);
  EXPECT_LT(Brier(sigmoid, fresh), raw - 0.01);
  EXPECT_LT(Brier(isotonic, fresh), raw - 0.01);
}

TEST(Calibration, SigmoidOfAPerfectRankingIsFinite) {
  const std::vector<double> margins{-9, -5, -1, 1, 5, 9};
  const std::vector<uint8_t> labels{0, 0, 0, 1, 1, 1};
  const auto sigmoid = FitCalibration(CalibrationMethod::kSigmoid, margins, labels);
  ASSERT_TRUE(sigmoid.ok());
  EXPECT_GT(sigmoid->a, 0);
  EXPECT_LT(sigmoid->Apply(9), 1);
  EXPECT_NEAR(sigmoid->Apply(9) + sigmoid->Apply(-9), 1, 1e-6) << "symmetric data";
}

TEST(Calibration, IsotonicPoolsViolators) {
  const std::vector<double> margins{-2, -1, 0, 1, 2, 3};
  const std::vector<uint8_t> labels{0, 1, 0, 1, 1, 1};
  const auto isotonic = FitCalibration(CalibrationMethod::kIsotonic, margins, labels).value();
  EXPECT_EQ(isotonic.Apply(-3), 0);
  EXPECT_EQ(isotonic.Apply(-2), 0);
  EXPECT_EQ(isotonic.Apply(-1), 0.5) << "1 then 0 are one half";
  EXPECT_EQ(isotonic.Apply(-0.5), 0.5);
  EXPECT_EQ(isotonic.Apply(0), 0.5);
  EXPECT_EQ(isotonic.Apply(1), 1);
  EXPECT_EQ(isotonic.Apply(40), 1);
}

TEST(Calibration, IsotonicNeverFallsAndItsPointsRise) {
  const LabelledMargins data = Overconfident(500, 3);
  const auto isotonic = FitCalibration(CalibrationMethod::kIsotonic, data.margins, data.labels).value();
  EXPECT_TRUE(std::is_sorted(isotonic.x.begin(), isotonic.x.end(), std::less_equal<>())) << "no x comes twice";
  EXPECT_TRUE(std::is_sorted(isotonic.y.begin(), isotonic.y.end()));
  double last = 0;
  for (double margin = -8; margin < 8; margin += 0.01) {
    EXPECT_GE(isotonic.Apply(margin), last);
    last = isotonic.Apply(margin);
  }
}

TEST(Calibration, NoneIsTheSigmoidOfTheMargin) {
  const auto none = FitCalibration(CalibrationMethod::kNone, {}, {}).value();
  EXPECT_EQ(none.Apply(0.7), Sigmoid(0.7));
  EXPECT_EQ(ToJson(none), ParseJson(R"({"method":"none"})").value());
}

}  // namespace
}  // namespace vigia::training
