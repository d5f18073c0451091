// Calibrating out-of-fold margins without letting a row calibrate itself.
#pragma once

#include <vector>

#include "training/calibration.h"
#include "training/cross_validation.h"

namespace vigia::training {

// Scores in [0,1] per repeat and row: each fold is calibrated by what the other folds of its repeat say.
Result<std::vector<std::vector<double>>> CrossFitCalibration(CalibrationMethod method,
                                                             const std::vector<std::vector<double>>& margins,
                                                             const Splits& splits, const TrainingData& data);

struct CalibrationTrial {
  CalibrationMethod method = CalibrationMethod::kNone;
  double brier = 0;  // mean over rows and repeats, on held-out folds
};

struct CalibrationResult {
  CalibrationMethod chosen = CalibrationMethod::kSigmoid;
  std::vector<CalibrationTrial> trials;     // none, sigmoid, isotonic
  std::vector<std::vector<double>> scores;  // of the chosen method, out of fold
  Calibration final;                        // of the chosen method, on all out-of-fold margins
};

// kAuto takes isotonic only when its Brier score on held-out folds is better than the sigmoid's by more
// than one standard error of the paired difference: on few rows isotonic makes ties and overfits.
Result<CalibrationResult> ChooseCalibration(CalibrationChoice choice, const std::vector<std::vector<double>>& margins,
                                            const Splits& splits, const TrainingData& data);

// Mean over rows and repeats of (score - label)^2.
double MeanBrier(const std::vector<std::vector<double>>& scores, const std::vector<uint8_t>& labels);

// One score per row: the mean of its log-odds over the repeats, as a probability.
std::vector<double> MeanOverRepeats(const std::vector<std::vector<double>>& scores);

}  // namespace vigia::training
