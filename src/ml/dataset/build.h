// `vigia dataset build`: from sources to the modeling dataset and its papers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/result.h"
#include "dataset/findings.h"
#include "dataset/join.h"
#include "dataset/normalize.h"
#include "tabular/table.h"

namespace vigia::dataset {

struct BuildSettings {
  std::vector<std::string> sources;  // files or folders (source.h)
  // Neither: every pair of consecutive years is stacked. One: the other is a year away.
  std::optional<int> feature_year, label_year;
  std::string out = "data/processed/modeling_dataset.parquet";  // data_card.json and quality_report.json go beside it
  std::string interim_folder = "data/interim";
  NormalizeSettings normalize;
  uint64_t seed = 42;  // of the pupils' numbers and the order of rows
};

struct Dataset {
  tabular::Table table;     // ano, aluno, the features of the catalogue, em_risco
  std::vector<Year> years;  // every sheet that was read, by year
  std::vector<Pair> pairs;  // by year
  std::vector<Finding> findings;
};

// Everything but the writing. `sources` must outlive the result.
Result<Dataset> Assemble(const Sources& sources, const BuildSettings& settings);

struct BuildReport {
  Json card;                         // data_card.json
  std::vector<Finding> findings;     // quality_report.json
  std::vector<std::string> written;  // paths
};

// All files are written aside and moved into place when everything has succeeded, the dataset last:
// an error leaves the previous dataset as it was.
Result<BuildReport> Build(Files& files, const Clock& clock, const BuildSettings& settings, Progress& progress);

// For a terminal: what was read, joined, changed and written.
std::string Summary(const BuildReport& report);

}  // namespace vigia::dataset
