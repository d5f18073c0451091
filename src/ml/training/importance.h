// Permutation importance (Breiman 2001) on rows that the model has not seen.
#pragma once

#include <string>
#include <vector>

#include "training/cross_validation.h"

namespace vigia::training {

struct FeatureImportance {
  std::string feature;     // raw
  double auc_drop = 0;     // mean loss of ROC-AUC when its values are shuffled among the fold's rows
  double auc_drop_sd = 0;  // over folds and shuffles
};

// Of every raw feature that flows into the candidate's inputs, the most important first.
Result<std::vector<FeatureImportance>> ComputeImportance(const TrainingData& data, const Recipe& recipe,
                                                         const Candidate& candidate, const Splits& splits,
                                                         Executor& executor, Progress& progress);

}  // namespace vigia::training
