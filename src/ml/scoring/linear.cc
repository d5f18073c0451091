#include "scoring/linear.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vigia::scoring {

namespace {

constexpr double kLimit = 1e30;  // sums stay finite in double
constexpr double kFloatMax = std::numeric_limits<float>::max();

Error Bad(const std::string& what) { return Error(Code::kInvalidArgument, "estimator: " + what); }

Result<std::vector<double>> ReadNumbers(const Json& json, const std::string& key, size_t size) {
  std::vector<double> numbers;
  for (const Json& item : *TRY(GetArray(json, key))) {
    if (!item.is_number() || !(std::abs(item.get<double>()) <= kLimit)) {
      return Bad("key '" + key + "' is not an array of numbers within 1e30");
    }
    numbers.push_back(item.get<double>());
  }
  if (numbers.size() != size) return Bad("key '" + key + "' has the wrong length");
  return numbers;
}

class LinearEstimator final : public Estimator {
 public:
  struct Term {
    double impute, mean, weight;  // weight = coefficient / scale
    double importance;            // |coefficient|
  };

  LinearEstimator(std::vector<Term> terms, double intercept) : terms_(std::move(terms)), intercept_(intercept) {}

  size_t width() const override { return terms_.size(); }

  void Margins(std::span<const float> inputs, std::span<float> margins) const override {
    CHECK(inputs.size() == margins.size() * width(), "inputs of the wrong width");
    for (size_t row = 0; row < margins.size(); ++row) {
      const float* x = inputs.data() + row * width();
      double sum = intercept_;
      for (size_t i = 0; i < terms_.size(); ++i) sum += Contribution(terms_[i], x[i]);
      margins[row] = static_cast<float>(std::clamp(sum, -kFloatMax, kFloatMax));
    }
  }

  void Contributions(std::span<const float> inputs, std::span<double> contributions) const override {
    CHECK(inputs.size() == width() && contributions.size() == width() + 1, "inputs of the wrong width");
    for (size_t i = 0; i < terms_.size(); ++i) contributions[i] = Contribution(terms_[i], inputs[i]);
    contributions[width()] = intercept_;
  }

  std::vector<double> Gains() const override {
    std::vector<double> gains;
    for (const Term& term : terms_) gains.push_back(term.importance);
    return gains;
  }

 private:
  static double Contribution(const Term& term, float input) {
    const double x = std::isnan(input) ? term.impute : std::clamp<double>(input, -kFloatMax, kFloatMax);
    return term.weight * (x - term.mean);
  }

  std::vector<Term> terms_;
  double intercept_;
};

}  // namespace

Result<std::unique_ptr<Estimator>> CompileLinear(const Json& estimator) {
  const size_t width = TRY(GetArray(estimator, "coefficients"))
  ->size();
  const std::vector<double> coefficients = TRY(ReadNumbers(estimator, "coefficients", width));
  const std::vector<double> impute = TRY(ReadNumbers(estimator, "impute", width));
  const std::vector<double> mean = TRY(ReadNumbers(estimator, "mean", width));
  const std::vector<double> scale = TRY(ReadNumbers(estimator, "scale", width));
  const double intercept = TRY(GetNumber(estimator, "intercept"));
  if (!(std::abs(intercept) <= kLimit)) return Bad("key 'intercept' is too large");
  std::vector<LinearEstimator::Term> terms;
  for (size_t i = 0; i < width; ++i) {
    if (!(scale[i] >= 1 / kLimit)) return Bad("key 'scale' has an entry that is not positive");
    terms.push_back({impute[i], mean[i], coefficients[i] / scale[i], std::abs(coefficients[i])});
  }
  return std::unique_ptr<Estimator>(std::make_unique<LinearEstimator>(std::move(terms), intercept));
}

}  // namespace vigia::scoring
