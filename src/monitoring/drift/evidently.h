// PSI as Evidently computes it, for people who compare; our own verdicts are in assess.h.
//
// What differs: bins follow reference and window together (Sturges' number of equal widths, or one per
// value up to 20 distinct reference numbers), missing values are left out, an empty bin counts as
// 0.0001 (or as a millionth of the smallest share, where that is smaller than 0.0001), a column drifts
// at 0.1 whatever the sample size, and the data set when half of its columns do.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "drift/count.h"
#include "tabular/table.h"

namespace vigia::drift {

struct EvidentlyColumn {
  std::string name;
  bool number = true;
  double score = 0;
  bool drifted = false;
};

struct EvidentlyDrift {
  std::vector<EvidentlyColumn> columns;
  size_t drifted() const;
  bool dataset_drift() const;
};

// numpy.histogram_bin_edges(values, bins="sturges") of `n` values from `low` to `high`.
std::vector<double> SturgesEdges(double low, double high, uint64_t n);
// Both: one count per bin. 0 when either side is empty.
double EvidentlyPsi(std::span<const uint64_t> reference, std::span<const uint64_t> current);

// Columns that the reference or the relation lacks are left out, as are those without any value.
Result<EvidentlyDrift> CompareAsEvidently(const columnar::Database& database, const Relation& relation,
                                          const tabular::Table& reference, const std::vector<std::string>& columns,
                                          const std::string& version, const Window& window);

// As the metric DataDriftTable of Evidently prints it.
Json ToJson(const EvidentlyDrift& drift);

}  // namespace vigia::drift
