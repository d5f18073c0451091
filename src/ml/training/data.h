// Labelled rows as training and evaluation take them, from a modelling table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "evaluation/evaluation.h"
#include "features/spec.h"
#include "tabular/table.h"
#include "training/recipe.h"

namespace vigia::training {

// Row by row: the label, and what the evaluation groups by. All vectors have one entry per row.
struct LabelledRows {
  std::vector<uint8_t> labels;
  std::vector<int32_t> pupils;                  // any number per pupil; a table without "aluno" has one row per pupil
  std::vector<uint8_t> behind_now;              // defasagem < 0; empty when the table has no such column
  std::vector<evaluation::Grouping> groupings;  // genero, fase, instituicao: those that the table has

  size_t rows() const { return labels.size(); }
};

// Errors: no column "em_risco", a value that is not 0 or 1, no rows.
Result<LabelledRows> ReadLabelledRows(const tabular::Table& table);

struct TrainingData {
  LabelledRows labelled;
  std::vector<RawSummary> raw;  // the catalogue, with levels and missing rates of this table
  std::vector<double> values;   // rows x raw.size(), as features::Pipeline takes them
  std::vector<int> years;       // per row; 0 without a column "ano"
  int reference_year = 0;       // the latest

  size_t rows() const { return labelled.rows(); }
};

// Errors, besides the above: a column of the wrong type, too few rows, or of one class.
Result<TrainingData> ReadTrainingData(const tabular::Table& table, const Recipe& recipe);

}  // namespace vigia::training
