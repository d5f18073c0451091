// Logistic regression with an L2 penalty, on standardised inputs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "training/matrix.h"

namespace vigia::training {

// margin = intercept + sum of coefficient x (value - mean) / scale. Immutable; thread-safe.
struct LogisticModel {
  std::vector<double> impute;  // what stands for NaN: the training median
  std::vector<double> mean, scale;
  std::vector<double> coefficients;
  double intercept = 0;

  double Margin(std::span<const float> inputs) const;
};

// Minimises |w|^2/2 + C x sum of log-losses; the intercept is not penalised (scikit-learn's convention).
// Newton's method, which is iteratively reweighted least squares (McCullagh & Nelder 1989, 2.5), with
// step halving. Errors: it does not converge, which a penalty and two classes exclude in practice.
// REQUIRES: both classes, c > 0.
Result<LogisticModel> FitLogistic(const Matrix& inputs, std::span<const uint8_t> labels, double c);

Json ToJson(const LogisticModel& model);  // model.json's "estimator"

double Sigmoid(double margin);
double Median(std::vector<double> values);  // NaN for none

// Solves A x = b for a symmetric positive definite A (n x n, row-major) by Cholesky. False when it is not.
bool SolvePositiveDefinite(std::vector<double> a, std::vector<double>& b);

}  // namespace vigia::training
