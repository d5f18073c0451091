// A file of rows with a model's scores added, streamed: memory does not grow with the file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "scoring/model.h"

namespace vigia::batch {

struct Settings {
  unsigned threads = 2;
  uint64_t memory_limit_bytes = 1ULL << 30;
};

struct Request {
  std::string input, output;  // .parquet or .csv, by the name's end
  std::string model_version;
  std::shared_ptr<const scoring::Model> model;
  double threshold = 0.5;  // label 1 from this score on
};

struct Summary {
  uint64_t rows = 0, positives = 0;
  std::vector<std::string> used;     // columns of the input that are features, as the file names them
  std::vector<std::string> absent;   // features of the model without a column: missing in every row
  std::vector<std::string> passed;   // columns that are no features
  std::vector<std::string> clipped;  // features with values outside of what the service accepts
  uint64_t clipped_values = 0;
};

// Writes every input column as it is, and risk_score (0 to 1), risk_label (0 or 1), model_version, in
// the input's order. A feature's column is named as the model names it, or with a year: fase, fase_2023.
// The row's year is its column `ano`, else the names' year, else the model's reference year. Values
// outside the accepted range are clipped to what training saw, and counted. A category that training
// never saw is scored as such.
// Errors: kNotFound; kInvalidArgument (no feature in it, two columns for one feature, text where a
// number should be, a column that has the name of a result, an unknown format); kResourceExhausted.
// The output is whole or not there.
Result<Summary> ScoreFile(const Request& request, const Settings& settings, Progress& progress);

}  // namespace vigia::batch
