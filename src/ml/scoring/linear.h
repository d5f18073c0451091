// Logistic regression over imputed, standardised inputs.
#pragma once

#include "scoring/model.h"

namespace vigia::scoring {

// "impute", "mean", "scale", "coefficients" (one number per input) and "intercept".
// margin = intercept + Σ coefficient × (x − mean) / scale, x imputed when missing; summed in double.
Result<std::unique_ptr<Estimator>> CompileLinear(const Json& estimator);

}  // namespace vigia::scoring
