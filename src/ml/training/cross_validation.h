// Fits every candidate on every fold and keeps what it says of rows that it has not seen.
#pragma once

#include <vector>

#include "base/executor.h"
#include "base/progress.h"
#include "training/data.h"
#include "training/folds.h"

namespace vigia::training {

struct Splits {
  std::vector<std::vector<Fold>> repeats;  // each covers all rows once
  std::vector<Fold> temporal;              // empty with one year
};

Splits MakeSplits(const TrainingData& data, const Recipe& recipe);

struct CandidateScores {
  std::vector<std::vector<double>> margins;  // per repeat, per row: out-of-fold log-odds
  std::vector<double> fold_auc;              // per repeat and fold
  std::vector<double> temporal_auc;          // per temporal fold
};

// One entry per candidate. Deterministic for the recipe's seed, whatever the executor.
Result<std::vector<CandidateScores>> CrossValidate(const TrainingData& data, const Recipe& recipe, const Splits& splits,
                                                   Executor& executor, Progress& progress);

// The seed of one fit: differs by stream, depends on nothing else.
uint64_t FitSeed(uint64_t seed, uint64_t stream);

// ROC-AUC of log-odds; NaN with one class.
double RankingAuc(std::span<const double> margins, std::span<const uint8_t> labels);

}  // namespace vigia::training
