// A year of features beside the next one's label.
#pragma once

#include <vector>

#include "base/result.h"
#include "dataset/normalize.h"

namespace vigia::dataset {

struct Pair {
  int feature_year = 0, label_year = 0;
  size_t matched = 0;          // pupils in both sheets
  size_t positives = 0;        // of the rows kept
  std::vector<size_t> rows;    // of the feature year, one per row kept
  std::vector<double> labels;  // em_risco: 1 when Defasagem of the label year is below 0
  std::vector<Finding> findings;
};

// Inner join on the RA. A missing label is left out, and counted. Error when nothing is left, or when a
// feature or an unknown column of the feature sheet alone separates the label (leakage.h).
Result<Pair> JoinYears(const Year& features, const Year& labels);

}  // namespace vigia::dataset
