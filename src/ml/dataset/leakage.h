// Columns that know the answer, or who somebody is.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "tabular/table.h"

namespace vigia::dataset {

inline constexpr double kLeakageAuc = 0.995;
inline constexpr size_t kLeakageRows = 50;

// How well one column alone separates the label: the area under the ROC curve, in the better
// direction, in [0.5, 1]. Numbers rank by value, categories (up to 20) by their rate of positives,
// missing rows are left out. When only the missing pattern separates, that counts instead.
// 0.5 with fewer than kLeakageRows rows or five of a class.
double SeparationAuc(const tabular::Column& column, std::span<const double> labels);

// Error naming the column when one separates the label almost perfectly.
Status CheckValues(const tabular::Table& features, std::span<const double> labels, const std::string& where);

// What a model may be trained on: the target em_risco, 0 or 1 in every row; no personal column, no column
// of a later year than `ano` or named for the answer, none that alone separates the label; features of
// the catalogue with their types. Columns that the catalogue does not know are checked, not refused.
Status CheckTrainingTable(const tabular::Table& table);

}  // namespace vigia::dataset
