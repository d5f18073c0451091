#include "training/data.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "catalog/catalog.h"
#include "dataset/leakage.h"
#include "features/pipeline.h"
#include "training/catalogue.h"

namespace vigia::training {
namespace {

using features::FeatureType;
using features::RawFeature;
using tabular::Column;
using tabular::ColumnType;

using catalog::kPupil;
using catalog::kTarget;

Error Bad(std::string message) { return Error(Code::kInvalidArgument, std::move(message)); }

Result<std::vector<uint8_t>> ReadLabels(const tabular::Table& table) {
  const Column* column = table.Find(kTarget);
  if (column == nullptr) return Bad(fmt::format("there is no column '{}', the target", kTarget));
  if (column->size() == 0) return Bad("the table has no rows");
  std::vector<uint8_t> labels(column->size());
  for (size_t row = 0; row < labels.size(); ++row) {
    const bool is_number = column->type == ColumnType::kNumber;
    if (!is_number || (column->numbers[row] != 0 && column->numbers[row] != 1)) {
      return Bad(fmt::format("column '{}' must be 0 or 1 in every row; row {} is not", kTarget, row + 1));
    }
    labels[row] = column->numbers[row] == 1;
  }
  return labels;
}

std::vector<int32_t> ReadPupils(const tabular::Table& table, size_t rows) {
  std::vector<int32_t> pupils(rows);
  const Column* column = table.Find(kPupil);
  std::map<double, int32_t> numbers;
  int32_t next =
      column != nullptr && column->type == ColumnType::kCategory ? static_cast<int32_t>(column->levels.size()) : 0;
  for (size_t row = 0; row < rows; ++row) {
    if (column == nullptr || column->IsMissing(row)) {
      pupils[row] = next++;  // nobody knows: a pupil of its own
    } else if (column->type == ColumnType::kCategory) {
      pupils[row] = column->codes[row];
    } else {
      const auto [found, is_new] = numbers.emplace(column->numbers[row], next);
      if (is_new) ++next;
      pupils[row] = found->second;
    }
  }
  return pupils;
}

std::vector<uint8_t> ReadBehindNow(const tabular::Table& table) {
  const Column* column = table.Find("defasagem");
  std::vector<uint8_t> behind;
  if (column == nullptr || column->type != ColumnType::kNumber || column->MissingCount() == column->size())
    return behind;
  for (const double lag : column->numbers) behind.push_back(lag < 0);  // unknown: the rule does not fire
  return behind;
}

// "ALFA" and "1" … for the phases, as the school calls them.
evaluation::Grouping GroupPhases(const Column& column) {
  evaluation::Grouping grouping{"fase", {}, {}};
  std::vector<double> phases;
  for (const double phase : column.numbers) {
    if (!std::isnan(phase)) phases.push_back(phase);
  }
  std::sort(phases.begin(), phases.end());
  phases.erase(std::unique(phases.begin(), phases.end()), phases.end());
  for (const double phase : phases) grouping.levels.push_back(phase == 0 ? "ALFA" : fmt::format("{}", phase));
  for (const double phase : column.numbers) {
    const auto found = std::lower_bound(phases.begin(), phases.end(), phase);
    grouping.codes.push_back(std::isnan(phase) ? -1 : static_cast<int32_t>(found - phases.begin()));
  }
  return grouping;
}

std::vector<evaluation::Grouping> ReadGroupings(const tabular::Table& table) {
  std::vector<evaluation::Grouping> groupings;
  for (const char* name : {"genero", "instituicao"}) {
    const Column* column = table.Find(name);
    if (column != nullptr && column->type == ColumnType::kCategory) {
      groupings.push_back({name, column->levels, column->codes});
    }
  }
  const Column* phase = table.Find("fase");
  if (phase != nullptr && phase->type == ColumnType::kNumber) {
    groupings.insert(groupings.begin() + (groupings.empty() ? 0 : 1), GroupPhases(*phase));
  }
  return groupings;
}

RawSummary Summarise(RawFeature feature, const tabular::Table& table) {
  RawSummary summary;
  const Column* column = table.Find(feature.name);
  const bool has_data = column != nullptr && column->MissingCount() < column->size();
  summary.missing_rate =
      has_data ? static_cast<double>(column->MissingCount()) / static_cast<double>(column->size()) : 1;
  if (has_data && feature.type == FeatureType::kCategory && column->type == ColumnType::kCategory) {
    // Sorted, so that the order of the rows does not change the model.
    feature.levels = column->levels;
    std::sort(feature.levels.begin(), feature.levels.end());
    std::map<std::string, size_t> rows;
    for (size_t row = 0; row < column->size(); ++row) {
      if (!column->IsMissing(row)) ++rows[column->Level(row)];
    }
    std::erase_if(feature.levels, [&](const std::string& level) { return !rows.contains(level); });
    for (const std::string& level : feature.levels) summary.level_rows.push_back(rows[level]);
  }
  feature.in_training = has_data;
  feature.seen_min = feature.min;
  feature.seen_max = feature.max;
  summary.feature = std::move(feature);
  return summary;
}

Status CheckSize(const std::vector<uint8_t>& labels, const Recipe& recipe) {
  if (labels.size() < recipe.min_rows) {
    return Bad(fmt::format("{} rows are too few to train on; at least {} are needed", labels.size(), recipe.min_rows));
  }
  const auto positives = static_cast<size_t>(std::count(labels.begin(), labels.end(), 1));
  if (positives < recipe.min_class_rows || labels.size() - positives < recipe.min_class_rows) {
    return Bad(fmt::format("{} of {} rows are at risk; at least {} of either class are needed", positives,
                           labels.size(), recipe.min_class_rows));
  }
  return {};
}

}  // namespace

Result<LabelledRows> ReadLabelledRows(const tabular::Table& table) {
  LabelledRows rows;
  rows.labels = TRY(ReadLabels(table));
  rows.pupils = ReadPupils(table, rows.rows());
  rows.behind_now = ReadBehindNow(table);
  rows.groupings = ReadGroupings(table);
  return rows;
}

Result<TrainingData> ReadTrainingData(const tabular::Table& table, const Recipe& recipe) {
  TrainingData data;
  data.labelled = TRY(ReadLabelledRows(table));
  TRY(CheckSize(data.labelled.labels, recipe));
  TRY(dataset::CheckTrainingTable(table));
  features::FeatureSpec spec;
  for (RawFeature& feature : RawCatalogue()) {
    data.raw.push_back(Summarise(std::move(feature), table));
    spec.raw.push_back(data.raw.back().feature);
  }
  const auto pipeline = TRY(features::Pipeline::Compile(spec));
  data.values = TRY(pipeline.RawRows(table));
  data.years = pipeline.Years(table);
  data.reference_year = *std::max_element(data.years.begin(), data.years.end());
  return data;
}

}  // namespace vigia::training
