#include "scoring/calibration.h"

#include <algorithm>
#include <cmath>

namespace vigia::scoring {

namespace {

// Beyond it a probability is 0 or 1 in any case; keeps a·m+b finite.
constexpr double kLimit = 1e30;

Error Bad(const std::string& what) { return Error(Code::kInvalidArgument, "calibration: " + what); }

double Sigmoid(double margin) { return 1 / (1 + std::exp(-margin)); }

Result<std::vector<double>> ReadNumbers(const Json& json, const std::string& key) {
  std::vector<double> numbers;
  for (const Json& item : *TRY(GetArray(json, key))) {
    if (!item.is_number()) return Bad("key '" + key + "' is not an array of numbers");
    numbers.push_back(item.get<double>());
  }
  if (numbers.empty()) return Bad("key '" + key + "' is empty");
  if (!std::is_sorted(numbers.begin(), numbers.end())) return Bad("key '" + key + "' descends");
  return numbers;
}

}  // namespace

Result<Calibration> Calibration::FromJson(const Json& json) {
  Calibration calibration;
  const std::string method = TRY(GetString(json, "method"));
  if (method == "none") return calibration;
  if (method == "sigmoid") {
    calibration.method_ = Method::kSigmoid;
    calibration.a_ = TRY(GetNumber(json, "a"));
    calibration.b_ = TRY(GetNumber(json, "b"));
    if (!(std::abs(calibration.a_) <= kLimit && std::abs(calibration.b_) <= kLimit)) return Bad("a or b is too large");
    return calibration;
  }
  if (method != "isotonic") return Bad("method '" + method + "' is not known");
  calibration.method_ = Method::kIsotonic;
  calibration.x_ = TRY(ReadNumbers(json, "x"));
  calibration.y_ = TRY(ReadNumbers(json, "y"));
  if (calibration.x_.size() != calibration.y_.size()) return Bad("x and y differ in length");
  if (calibration.y_.front() < 0 || calibration.y_.back() > 1) return Bad("y is not between 0 and 1");
  return calibration;
}

std::string_view Calibration::name() const {
  switch (method_) {
    case Method::kNone: return "none";
    case Method::kSigmoid: return "sigmoid";
    case Method::kIsotonic: return "isotonic";
  }
  return "none";
}

double Calibration::Apply(double margin) const {
  const double m = std::clamp(margin, -kLimit, kLimit);
  if (method_ != Method::kIsotonic) return Sigmoid(a_ * m + b_);
  const double probability = Sigmoid(m);
  const auto above = std::upper_bound(x_.begin(), x_.end(), probability);
  if (above == x_.begin()) return y_.front();
  if (above == x_.end()) return y_.back();
  const auto i = static_cast<size_t>(above - x_.begin());
  const double share = (probability - x_[i - 1]) / (x_[i] - x_[i - 1]);
  return y_[i - 1] + share * (y_[i] - y_[i - 1]);
}

}  // namespace vigia::scoring
