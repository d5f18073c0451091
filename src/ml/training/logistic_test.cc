#include "training/logistic.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "training/testing/labelled.h"

namespace vigia::training {
namespace {

Labelled DrawLinear(size_t rows) {
  Rng rng(11);
  Labelled data{{rows, 3, {}}, {}};
  for (size_t row = 0; row < rows; ++row) {
    const double a = 10 + 2 * rng.Normal(), b = rng.Normal();
    data.inputs.values.insert(data.inputs.values.end(), {static_cast<float>(a), static_cast<float>(b), 4.0F});
    data.labels.push_back(rng.Uniform() < Sigmoid(0.5 * (a - 10) - 1.5 * b + 0.3));
  }
  return data;
}

TEST(Logistic, RecoversTheModelThatMadeTheData) {
  const Labelled data = DrawLinear(20000);
  const auto model = FitLogistic(data.inputs, data.labels, 1);
  ASSERT_TRUE(model.ok());
  EXPECT_NEAR(model->coefficients[0] / model->scale[0], 0.5, 0.05);
  EXPECT_NEAR(model->coefficients[1] / model->scale[1], -1.5, 0.1);
  EXPECT_EQ(model->coefficients[2], 0) << "a constant says nothing";
  EXPECT_NEAR(model->intercept, 0.3, 0.06);
}

// At the optimum of |w|²/2 + C·loss every derivative is 0.
TEST(Logistic, StopsWhereTheGradientVanishes) {
  const Labelled data = DrawLinear(200);
  for (const double c : {0.01, 1.0, 100.0}) {
    const auto model = FitLogistic(data.inputs, data.labels, c).value();
    std::vector<double> gradient(model.coefficients);
    double intercept = 0;
    for (size_t row = 0; row < data.inputs.rows; ++row) {
      const double miss = c * (Sigmoid(model.Margin(data.inputs.Row(row))) - data.labels[row]);
      intercept += miss;
      for (size_t i = 0; i < 3; ++i) {
        gradient[i] += miss * (static_cast<double>(data.inputs.Row(row)[i]) - model.mean[i]) / model.scale[i];
      }
    }
    EXPECT_NEAR(intercept, 0, 1e-4);
    for (const double g : gradient) EXPECT_NEAR(g, 0, 1e-4) << "C " << c;
  }
}

TEST(Logistic, APenaltyKeepsSeparableDataFinite) {
  Matrix inputs{40, 1, {}};
  std::vector<uint8_t> labels;
  for (int i = 0; i < 40; ++i) {
    inputs.values.push_back(static_cast<float>(i));
    labels.push_back(i >= 20);
  }
  const auto model = FitLogistic(inputs, labels, 3);
  ASSERT_TRUE(model.ok());
  EXPECT_GT(model->coefficients[0], 1);
  EXPECT_LT(model->coefficients[0], 50);
}

TEST(Logistic, ImputesTheMedian) {
  Matrix inputs{5, 1, {1, 2, 9, std::nanf(""), 3}};
  const auto model = FitLogistic(inputs, std::vector<uint8_t>{0, 1, 1, 0, 1}, 1).value();
  EXPECT_EQ(model.impute[0], 2.5);
  const float missing[] = {std::nanf("")}, median[] = {2.5F};
  EXPECT_EQ(model.Margin(missing), model.Margin(median));
}

TEST(Logistic, SolverRefusesWhatIsNotPositiveDefinite) {
  std::vector<double> b{1, 1};
  EXPECT_FALSE(SolvePositiveDefinite({1, 2, 2, 1}, b));
  std::vector<double> x{1, 2};
  ASSERT_TRUE(SolvePositiveDefinite({4, 1, 1, 3}, x));
  EXPECT_NEAR(x[0], 1.0 / 11, 1e-12);
  EXPECT_NEAR(x[1], 7.0 / 11, 1e-12);
}

}  // namespace
}  // namespace vigia::training
