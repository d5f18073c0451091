// One sheet as typed columns under the catalogue's names.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/findings.h"
#include "dataset/source.h"
#include "tabular/table.h"

namespace vigia::dataset {

enum class Use { kFeatures, kLabelOnly };   // what a year is read for
enum class BadCells { kRefuse, kMissing };  // text where a number should be

struct NormalizeSettings {
  BadCells bad_cells = BadCells::kRefuse;
  std::vector<std::string> allow_missing;  // catalogue names whose header may be absent
};

struct Year {
  int year = 0;
  std::string sheet;
  const SourceSheet* source = nullptr;
  std::vector<std::string> pupils;      // RA per row, distinct; stays in memory
  std::vector<size_t> source_rows;      // row of the source, per row
  tabular::Table features;              // every feature of the catalogue, in its order
  std::vector<size_t> unknown_columns;  // columns of the source that the table does not know
  std::vector<Finding> findings;
};

// Errors, naming sheet, column or cell: no RA, a feature's header missing (Use::kFeatures; for
// kLabelOnly: RA or Defasagem), a column of a later year or that looks like the answer (kFeatures),
// a column that looks personal and is not expected, text in a number (BadCells::kRefuse).
// The sheet must outlive the result.
Result<Year> Normalize(const SourceSheet& sheet, Use use, const NormalizeSettings& settings);

}  // namespace vigia::dataset
