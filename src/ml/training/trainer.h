// Trains a model from a table: compares candidates, selects, calibrates, sets the threshold, evaluates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/progress.h"
#include "evaluation/evaluation.h"
#include "training/importance.h"
#include "training/oof_calibration.h"
#include "training/selection.h"
#include "training/threshold.h"

namespace vigia::training {

// A made-up row and the score that the model must give it, to be replayed where the model is loaded.
struct GoldenRow {
  std::vector<double> raw;  // in the spec's order
  int year = 0;
  double score = 0;
};

// Everything that the files and reports say. A value.
struct TrainedModel {
  Recipe recipe;
  Candidate candidate;
  features::FeatureSpec spec;
  Json estimator;  // model.json's
  CalibrationResult calibration;
  ThresholdChoice threshold;
  std::vector<CandidateSummary> comparison;  // in the recipe's order
  std::vector<FeatureImportance> importance;
  // Of all rows, each scored by models that did not see its pupil.
  evaluation::Evaluation cross_validated;
  // Of later years by models of earlier ones; with several years only.
  std::optional<evaluation::Evaluation> temporal;
  std::vector<GoldenRow> golden;
  std::vector<int> years;  // feature years, rising
  std::vector<RawSummary> raw;
  std::vector<double> fold_auc;  // of the chosen candidate
};

// Errors name what is wrong with the table. Deterministic: the same table and recipe give the same model
// on any executor. Takes about 10 s for 600 rows on two cores.
Result<TrainedModel> Train(const tabular::Table& table, const Recipe& recipe, Executor& executor, Progress& progress);

// The same model, only to score with: its importance and evaluations, most of the work of a small recipe, stay empty.
Result<TrainedModel> TrainUnmeasured(const tabular::Table& table, const Recipe& recipe, Executor& executor,
                                     Progress& progress);

// The text of model.json.
Json ModelJson(const TrainedModel& model);

}  // namespace vigia::training
