// What is unknowable of real data: the true risk of every row, and how well the best model would do.
#pragma once

#include <string>

#include "base/result.h"
#include "sample/cohort.h"

namespace vigia::sample {

struct PairSummary {
  int feature_year = 0;
  size_t pupils = 0;           // in the sheets of feature_year and of the next
  double base_rate = 0;        // share with Defasagem < 0 in the next year
  double oracle_auc = 0;       // ROC-AUC of the true risk: on average, no model does better
  double persistence_auc = 0;  // ROC-AUC of "Defasagem now", the rule without a model
};

// kFailedPrecondition when the pair has no pupils, or all have the same label.
Result<PairSummary> SummarisePair(const Cohort& cohort, int feature_year);

// "RA,year,true_risk", one line per pupil and year of the cohort's settings, by RA and year.
std::string TruthCsv(const Cohort& cohort);

}  // namespace vigia::sample
