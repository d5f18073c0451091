// Counts a window of stored predictions into the baseline's bins: one query, one pass, no rows in
// memory.
#pragma once

#include <string>
#include <vector>

#include "baseline/baseline.h"
#include "columnar/database.h"
#include "drift/assess.h"

namespace vigia::drift {

// What stands after FROM, and what its $1, $2, … are: rows with the columns timestamp,
// instance_index, kind, model_version, risk_score, risk_label and one per feature (or feature_<name>,
// where the name is one of these).
struct Relation {
  std::string sql;
  std::vector<columnar::Value> parameters;
  std::vector<columnar::Field> fields = {};  // as far as they are known; none: the database is asked
};

// Rows of this version that were scored (also as a shadow) inside the window. A feature without a
// column is missing in every row. Not a number counts as missing.
Result<WindowCounts> CountWindow(const columnar::Database& database, const Relation& relation,
                                 const baseline::Baseline& baseline, const Window& window);

}  // namespace vigia::drift
