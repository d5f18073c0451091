// Which candidate wins: a pure function of how they did.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "training/recipe.h"

namespace vigia::training {

struct CandidateSummary {
  Candidate candidate;
  double auc = 0;                      // of all rows out of fold, mean over repeats
  double auc_se = 0;                   // sampling error of `auc` with so many rows, by StandardErrorOfAuc
  double fold_sd = 0;                  // deviation of a single fold's ROC-AUC
  std::optional<double> temporal_auc;  // mean over temporal folds
  double pr_auc = 0, brier = 0;        // out of fold, sigmoid-calibrated
  bool eligible = false;               // within one standard error of the best
};

// Hanley & McNeil (1982), equations 1 and 2.
double StandardErrorOfAuc(double auc, size_t positives, size_t negatives);

// What is compared: the mean of `auc` and `temporal_auc`, or `auc` alone.
double SelectionScore(const CandidateSummary& summary);

// The one-standard-error rule (Breiman et al. 1984), twice. First the inputs: the stable ones, when the
// best candidate that takes them is within one standard error of the best of all. Then, among those
// candidates, the simplest and steadiest that is within one standard error of their best: logistic
// regression, boosting, forest; then the lower Brier score; then the earlier in the list.
// Sets `eligible`. REQUIRES: at least one candidate.
size_t SelectCandidate(std::vector<CandidateSummary>& summaries);

}  // namespace vigia::training
