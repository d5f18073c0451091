// From log-odds to probabilities that mean what they say.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace vigia::training {

enum class CalibrationMethod { kNone, kSigmoid, kIsotonic };
std::string_view CalibrationName(CalibrationMethod method);  // "sigmoid", as in model.json

// Immutable; thread-safe.
struct Calibration {
  CalibrationMethod method = CalibrationMethod::kNone;
  double a = 1, b = 0;       // kSigmoid: 1 / (1 + exp(-(a x margin + b)))
  std::vector<double> x, y;  // kIsotonic: points, both rising, over the uncalibrated probability

  double Apply(double margin) const;
};

// kSigmoid: Platt (1999), with his smoothed targets, so that a perfect ranking does not diverge.
// kIsotonic: pool adjacent violators (Zadrozny & Elkan 2002).
// REQUIRES: equal sizes; both classes unless kNone.
Result<Calibration> FitCalibration(CalibrationMethod method, std::span<const double> margins,
                                   std::span<const uint8_t> labels);

Json ToJson(const Calibration& calibration);  // model.json's "calibration"

}  // namespace vigia::training
