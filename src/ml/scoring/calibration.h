// From an estimator's margin (log-odds) to a probability.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace vigia::scoring {

// Immutable after construction; thread-safe.
class Calibration {
 public:
  enum class Method { kNone, kSigmoid, kIsotonic };

  // {"method":"none"} | {"method":"sigmoid","a":x,"b":x} | {"method":"isotonic","x":[…],"y":[…]}
  // Isotonic: x ascends, y in [0,1] does not descend. Errors name the key.
  static Result<Calibration> FromJson(const Json& json);

  Method method() const { return method_; }
  std::string_view name() const;        // "none", "sigmoid", "isotonic"
  double slope() const { return a_; }   // sigmoid; 1 otherwise
  double offset() const { return b_; }  // sigmoid; 0 otherwise

  // In [0,1] for any margin but NaN.
  double Apply(double margin) const;

 private:
  Method method_ = Method::kNone;
  double a_ = 1, b_ = 0;
  std::vector<double> x_, y_;
};

}  // namespace vigia::scoring
