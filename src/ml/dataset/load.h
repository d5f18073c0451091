// Modeling tables from and to files.
#pragma once

#include <string>

#include "base/files.h"
#include "base/result.h"
#include "columnar/frame.h"
#include "tabular/table.h"

namespace vigia::dataset {

// A .parquet or .csv file. Columns of the catalogue get its types (a number that arrives as text is
// parsed; what does not parse is an error naming column and line), the others follow their values.
Result<tabular::Table> LoadDataset(const Files& files, const std::string& path);

// Integers of the catalogue, ano, aluno and em_risco become integers; NaN becomes null.
columnar::Frame ToFrame(const tabular::Table& table);
Result<tabular::Table> FromFrame(const columnar::Frame& frame);

}  // namespace vigia::dataset
