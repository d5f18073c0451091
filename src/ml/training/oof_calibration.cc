#include "training/oof_calibration.h"

#include <algorithm>
#include <cmath>

#include "training/feature_fitting.h"
#include "training/logistic.h"

namespace vigia::training {
namespace {

using Scores = std::vector<std::vector<double>>;

double SquaredError(double score, uint8_t label) { return (score - label) * (score - label); }

// Whether `b` beats `a` by more than a standard error of the paired difference, pupils as rows.
bool ClearlyBetter(const Scores& a, const Scores& b, const std::vector<uint8_t>& labels) {
  const size_t rows = labels.size();
  std::vector<double> gains(rows);
  for (size_t repeat = 0; repeat < a.size(); ++repeat) {
    for (size_t row = 0; row < rows; ++row) {
      gains[row] += SquaredError(a[repeat][row], labels[row]) - SquaredError(b[repeat][row], labels[row]);
    }
  }
  double mean = 0, squares = 0;
  for (double& gain : gains) mean += gain /= static_cast<double>(a.size());
  mean /= static_cast<double>(rows);
  for (const double gain : gains) squares += (gain - mean) * (gain - mean);
  const double error = std::sqrt(squares / static_cast<double>(rows - 1) / static_cast<double>(rows));
  return mean > error;
}

Result<Calibration> FitOnAll(CalibrationMethod method, const Scores& margins, const std::vector<uint8_t>& labels) {
  std::vector<double> all_margins;
  std::vector<uint8_t> all_labels;
  for (const std::vector<double>& repeat : margins) {
    all_margins.insert(all_margins.end(), repeat.begin(), repeat.end());
    all_labels.insert(all_labels.end(), labels.begin(), labels.end());
  }
  return FitCalibration(method, all_margins, all_labels);
}

}  // namespace

Result<Scores> CrossFitCalibration(CalibrationMethod method, const Scores& margins, const Splits& splits,
                                   const TrainingData& data) {
  Scores scores(margins.size(), std::vector<double>(data.rows()));
  for (size_t repeat = 0; repeat < margins.size(); ++repeat) {
    for (const Fold& fold : splits.repeats[repeat]) {
      std::vector<double> train;
      for (const size_t row : fold.train) train.push_back(margins[repeat][row]);
      const Calibration calibration = TRY(FitCalibration(method, train, PickLabels(data, fold.train)));
      for (const size_t row : fold.validate) scores[repeat][row] = calibration.Apply(margins[repeat][row]);
    }
  }
  return scores;
}

double MeanBrier(const Scores& scores, const std::vector<uint8_t>& labels) {
  double sum = 0;
  for (const std::vector<double>& repeat : scores) {
    for (size_t row = 0; row < labels.size(); ++row) sum += SquaredError(repeat[row], labels[row]);
  }
  return sum / static_cast<double>(scores.size() * labels.size());
}

std::vector<double> MeanOverRepeats(const Scores& scores) {
  std::vector<double> mean(scores.front().size());
  for (const std::vector<double>& repeat : scores) {
    for (size_t row = 0; row < mean.size(); ++row) {
      const double p = std::clamp(repeat[row], 1e-9, 1 - 1e-9);  // isotonic may say 0 or 1
      mean[row] += std::log(p / (1 - p));
    }
  }
  for (double& value : mean) value = Sigmoid(value / static_cast<double>(scores.size()));
  return mean;
}

Result<CalibrationResult> ChooseCalibration(CalibrationChoice choice, const Scores& margins, const Splits& splits,
                                            const TrainingData& data) {
  constexpr CalibrationMethod kMethods[] = {CalibrationMethod::kNone, CalibrationMethod::kSigmoid,
                                            CalibrationMethod::kIsotonic};
  const std::vector<uint8_t>& labels = data.labelled.labels;
  CalibrationResult result;
  std::vector<Scores> scores;
  for (const CalibrationMethod method : kMethods) {
    scores.push_back(TRY(CrossFitCalibration(method, margins, splits, data)));
    result.trials.push_back({method, MeanBrier(scores.back(), labels)});
  }
  switch (choice) {
    case CalibrationChoice::kNone: result.chosen = CalibrationMethod::kNone; break;
    case CalibrationChoice::kSigmoid: result.chosen = CalibrationMethod::kSigmoid; break;
    case CalibrationChoice::kIsotonic: result.chosen = CalibrationMethod::kIsotonic; break;
    case CalibrationChoice::kAuto:
      result.chosen =
          ClearlyBetter(scores[1], scores[2], labels) ? CalibrationMethod::kIsotonic : CalibrationMethod::kSigmoid;
      break;
  }
  result.scores = std::move(scores[static_cast<size_t>(result.chosen)]);
  result.final = TRY(FitOnAll(result.chosen, margins, labels));
  return result;
}

}  // namespace vigia::training
