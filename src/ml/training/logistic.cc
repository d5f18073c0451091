#include "training/logistic.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vigia::training {
namespace {

constexpr int kMostSteps = 100;
constexpr double kConverged = 1e-10;

// Standardised inputs, row-major doubles with a leading 1 for the intercept.
std::vector<double> Design(const Matrix& inputs, const LogisticModel& model) {
  const size_t width = inputs.width + 1;
  std::vector<double> design(inputs.rows * width);
  for (size_t row = 0; row < inputs.rows; ++row) {
    double* out = design.data() + row * width;
    out[0] = 1;
    for (size_t i = 0; i < inputs.width; ++i) {
      const double value = static_cast<double>(inputs.Row(row)[i]);
      out[i + 1] = ((std::isnan(value) ? model.impute[i] : value) - model.mean[i]) / model.scale[i];
    }
  }
  return design;
}

void FitScaling(const Matrix& inputs, LogisticModel& model) {
  for (size_t i = 0; i < inputs.width; ++i) {
    std::vector<double> values;
    for (size_t row = 0; row < inputs.rows; ++row) {
      const float value = inputs.Row(row)[i];
      if (!std::isnan(value)) values.push_back(static_cast<double>(value));
    }
    const double median = values.empty() ? 0 : Median(values);
    values.resize(inputs.rows, median);
    double mean = 0, squares = 0;
    for (const double v : values) mean += v;
    mean /= static_cast<double>(values.size());
    for (const double v : values) squares += (v - mean) * (v - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(values.size()));  // of the population
    model.impute.push_back(median);
    model.mean.push_back(mean);
    model.scale.push_back(deviation > 1e-12 ? deviation : 1);
  }
}

// log(1 + exp(z)) without overflow.
double Softplus(double z) { return z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z)); }

class Newton {
 public:
  Newton(const std::vector<double>& design, std::span<const uint8_t> labels, size_t width, double c)
      : design_(design), labels_(labels), width_(width), c_(c), weights_(width) {}

  Result<std::vector<double>> Run() {
    double loss = Loss(weights_);
    for (int iteration = 0; iteration < kMostSteps; ++iteration) {
      std::vector<double> step;
      if (!Step(step)) break;
      double size = 1;
      std::vector<double> next(width_);
      double next_loss = loss;
      do {
        for (size_t i = 0; i < width_; ++i) next[i] = weights_[i] - size * step[i];
        next_loss = Loss(next);
        size /= 2;
      } while (!(next_loss <= loss) && size > 1e-8);
      const bool converged = loss - next_loss <= kConverged * (std::abs(loss) + 1);
      if (next_loss <= loss) weights_ = next;
      loss = std::min(loss, next_loss);
      if (converged) return weights_;
    }
    return Error(Code::kInternal, "logistic regression did not converge");
  }

 private:
  double Margin(const std::vector<double>& weights, size_t row) const {
    double margin = 0;
    for (size_t i = 0; i < width_; ++i) margin += weights[i] * design_[row * width_ + i];
    return margin;
  }

  double Loss(const std::vector<double>& weights) const {
    double loss = 0;
    for (size_t row = 0; row < labels_.size(); ++row) {
      const double margin = Margin(weights, row);
      loss += Softplus(margin) - labels_[row] * margin;
    }
    double penalty = 0;
    for (size_t i = 1; i < width_; ++i) penalty += weights[i] * weights[i];
    return c_ * loss + penalty / 2;
  }

  // step = Hessian^-1 x gradient.
  bool Step(std::vector<double>& step) const {
    std::vector<double> hessian(width_ * width_);
    step.assign(width_, 0);
    for (size_t row = 0; row < labels_.size(); ++row) {
      const double* x = design_.data() + row * width_;
      const double p = Sigmoid(Margin(weights_, row));
      const double curvature = c_ * std::max(p * (1 - p), 1e-12);
      for (size_t i = 0; i < width_; ++i) {
        step[i] += c_ * (p - labels_[row]) * x[i];
        for (size_t j = 0; j <= i; ++j) hessian[i * width_ + j] += curvature * x[i] * x[j];
      }
    }
    for (size_t i = 1; i < width_; ++i) {
      step[i] += weights_[i];
      hessian[i * width_ + i] += 1;
    }
    return SolvePositiveDefinite(std::move(hessian), step);
  }

  const std::vector<double>& design_;
  std::span<const uint8_t> labels_;
  size_t width_;
  double c_;
  std::vector<double> weights_;
};

}  // namespace

double Sigmoid(double margin) { return 1 / (1 + std::exp(-margin)); }

double Median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

bool SolvePositiveDefinite(std::vector<double> a, std::vector<double>& b) {
  const size_t n = b.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      if (i != j) {
        a[i * n + j] = sum / a[j * n + j];
      } else if (sum > 0) {
        a[i * n + i] = std::sqrt(sum);
      } else {
        return false;
      }
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return true;
}

double LogisticModel::Margin(std::span<const float> inputs) const {
  double margin = intercept;
  for (size_t i = 0; i < coefficients.size(); ++i) {
    const double value = std::isnan(inputs[i]) ? impute[i] : static_cast<double>(inputs[i]);
    margin += coefficients[i] * ((value - mean[i]) / scale[i]);
  }
  return margin;
}

Result<LogisticModel> FitLogistic(const Matrix& inputs, std::span<const uint8_t> labels, double c) {
  CHECK(inputs.rows == labels.size() && c > 0, "one label per row, and a positive C");
  LogisticModel model;
  FitScaling(inputs, model);
  const std::vector<double> design = Design(inputs, model);
  std::vector<double> weights = TRY(Newton(design, labels, inputs.width + 1, c).Run());
  model.intercept = weights[0];
  model.coefficients.assign(weights.begin() + 1, weights.end());
  return model;
}

Json ToJson(const LogisticModel& model) {
  return {
      {"family", "logistic_regression"},    {"impute", model.impute},      {"mean", model.mean}, {"scale", model.scale},
      {"coefficients", model.coefficients}, {"intercept", model.intercept}};
}

}  // namespace vigia::training
