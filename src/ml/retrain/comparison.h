// Champion and challenger on the same rows, which neither has seen.
//
// Which rows: those of feature years after the champion's training, when they are enough
// (kLaterYears). Otherwise all rows (kGrouped): then the champion may have seen some of them, which
// flatters the champion, and the report says so.
//
// The challenger's scores are cross-fitted: the pupils of those rows are dealt into folds, and each
// fold is scored by a challenger trained on all rows of all other pupils, with a threshold chosen
// there. So every row counts, no pupil is scored by a model that saw another year of theirs, and what
// is judged is the way of training. What is registered is trained in the same way on all rows.
// Folds are trained with fewer repeats of the inner cross-validation, which does not help them.
#pragma once

#include <string>
#include <vector>

#include "base/executor.h"
#include "base/progress.h"
#include "base/result.h"
#include "evaluation/evaluation.h"
#include "registry/bundle.h"
#include "retrain/guardrails.h"
#include "tabular/table.h"
#include "training/recipe.h"

namespace vigia::retrain {

struct ComparisonSettings {
  Margins margins;
  size_t folds = 5;
  size_t inner_repeats = 1;
  size_t min_rows = 100;  // of later years, for them to be the rows that are compared
  size_t min_class_rows = 20;
  evaluation::BootstrapSettings bootstrap = {2000, 42, 0.95};
};

enum class Holdout { kLaterYears, kGrouped };
std::string_view HoldoutName(Holdout holdout);  // "later_years", "grouped_by_pupil"

struct Comparison {
  Holdout holdout = Holdout::kGrouped;
  std::vector<int> years;  // of the compared rows, rising
  int champion_year = 0;   // the latest feature year that the champion was trained on
  size_t rows = 0, positives = 0, pupils = 0, folds = 0;
  double champion_threshold = 0;
  std::vector<double> challenger_thresholds;  // one per fold
  evaluation::MetricIntervals champion, challenger, difference;
  std::vector<Guardrail> guardrails;
  Decision decision;
};

// Rows that are compared, and the fold of each; folds.size() == rows.size().
struct ComparedRows {
  Holdout holdout = Holdout::kGrouped;
  std::vector<size_t> rows;
  std::vector<size_t> folds;
};
// Pure. All rows of a pupil are in one fold.
ComparedRows ChooseRows(const std::vector<int>& years, const std::vector<int32_t>& pupils,
                        const std::vector<uint8_t>& labels, int champion_year, const ComparisonSettings& settings);

// Errors name what is wrong with the table. Deterministic. Costs about folds × a short training.
Result<Comparison> Compare(const tabular::Table& table, const registry::Bundle& champion,
                           const training::Recipe& recipe, const ComparisonSettings& settings, Executor& executor,
                           Progress& progress);

// Scores and decisions (score ≥ the model's own threshold) of the same rows, in the same order.
struct Scored {
  std::vector<double> scores;
  std::vector<uint8_t> flags;
};
// Fills the metrics, the guardrails and the decision. REQUIRES: equal sizes.
void CompareScores(const Scored& champion, const Scored& challenger, std::span<const uint8_t> labels,
                   std::span<const int32_t> pupils, const ComparisonSettings& settings, Executor& executor,
                   Comparison& comparison);

}  // namespace vigia::retrain
