#include "dataset/leakage.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/names.h"

namespace vigia::dataset {

namespace {

constexpr size_t kMostLevels = 20;
constexpr size_t kFewestOfAClass = 5;

struct Scored {
  double score;
  bool positive;
};

// Mann-Whitney, ties counted half.
double Auc(std::vector<Scored> rows) {
  size_t positives = 0;
  for (const Scored& row : rows) positives += row.positive ? 1 : 0;
  const size_t negatives = rows.size() - positives;
  if (rows.size() < kLeakageRows || positives < kFewestOfAClass || negatives < kFewestOfAClass) return 0.5;
  std::sort(rows.begin(), rows.end(), [](const Scored& a, const Scored& b) { return a.score < b.score; });
  double rank_sum = 0;
  for (size_t i = 0; i < rows.size();) {
    size_t j = i;
    while (j < rows.size() && rows[j].score == rows[i].score) ++j;
    const double rank = 0.5 * static_cast<double>(i + 1 + j);
    for (size_t k = i; k < j; ++k) rank_sum += rows[k].positive ? rank : 0;
    i = j;
  }
  const double p = static_cast<double>(positives), n = static_cast<double>(negatives);
  const double auc = (rank_sum - p * (p + 1) / 2) / (p * n);
  return std::max(auc, 1 - auc);
}

std::vector<double> LevelRates(const tabular::Column& column, std::span<const double> labels) {
  std::vector<double> positives(column.levels.size()), counts(column.levels.size());
  for (size_t row = 0; row < labels.size(); ++row) {
    if (column.IsMissing(row)) continue;
    const auto level = static_cast<size_t>(column.codes[row]);
    counts[level] += 1;
    positives[level] += labels[row];
  }
  for (size_t level = 0; level < positives.size(); ++level) {
    if (counts[level] > 0) positives[level] /= counts[level];
  }
  return positives;
}

Error Refused(std::string_view column, const std::string& why) {
  return Error(Code::kFailedPrecondition, "column '" + std::string(column) + "' " + why);
}

bool IsOwn(std::string_view name) {
  return name == catalog::kTarget || name == catalog::kYear || name == catalog::kPupil;
}

Status CheckTarget(const tabular::Table& table) {
  const tabular::Column* target = table.Find(catalog::kTarget);
  if (target == nullptr) return Error(Code::kInvalidArgument, "the training table has no column 'em_risco'");
  if (target->type != tabular::ColumnType::kNumber) {
    return Error(Code::kInvalidArgument, "column 'em_risco' holds text, not 0 and 1");
  }
  for (size_t row = 0; row < target->size(); ++row) {
    const double value = target->numbers[row];
    if (value != 0 && value != 1) {  // also NaN
      return Error(Code::kInvalidArgument, "column 'em_risco' is neither 0 nor 1 in row " + std::to_string(row + 1));
    }
  }
  return {};
}

// The earliest feature year: what is of a later one was not known for some row.
double FirstYear(const tabular::Table& table) {
  const tabular::Column* years = table.Find(catalog::kYear);
  double first = std::numeric_limits<double>::infinity();
  if (years == nullptr || years->type != tabular::ColumnType::kNumber) return first;
  for (const double year : years->numbers) first = std::isnan(year) ? first : std::min(first, year);
  return first;
}

Status CheckColumn(const tabular::Column& column, double first_year) {
  if (IsOwn(column.name)) return {};
  if (catalog::LooksPersonal(column.name)) return Refused(column.name, "looks personal");
  if (catalog::LooksLikeAnswer(column.name)) return Refused(column.name, "names the answer: leakage");
  const auto dated = catalog::SplitYear(column.name);
  if (dated.year && *dated.year > first_year)
    return Refused(column.name, "is of a later year than the features: leakage");
  const catalog::RawFeature* feature = catalog::FindRaw(column.name);
  if (feature == nullptr) return {};
  const bool wants_category = feature->kind == catalog::Kind::kCategory;
  const bool is_category = column.type == tabular::ColumnType::kCategory;
  if (wants_category == is_category || column.MissingCount() == column.size()) return {};
  return Error(Code::kInvalidArgument, "column '" + column.name + "' holds " + (is_category ? "text" : "numbers") +
                                           ", not " + (wants_category ? "categories" : "numbers"));
}

}  // namespace

double SeparationAuc(const tabular::Column& column, std::span<const double> labels) {
  std::vector<Scored> values, missing;
  const bool category = column.type == tabular::ColumnType::kCategory;
  std::vector<double> rates;
  if (category) rates = LevelRates(column, labels);
  for (size_t row = 0; row < labels.size(); ++row) {
    const bool positive = labels[row] != 0;
    missing.push_back({column.IsMissing(row) ? 1.0 : 0.0, positive});
    if (column.IsMissing(row)) continue;
    values.push_back({category ? rates[static_cast<size_t>(column.codes[row])] : column.numbers[row], positive});
  }
  const bool too_many_levels = category && column.levels.size() > kMostLevels;
  return std::max(Auc(std::move(missing)), too_many_levels ? 0.5 : Auc(std::move(values)));
}

Status CheckValues(const tabular::Table& features, std::span<const double> labels, const std::string& where) {
  for (const tabular::Column& column : features.columns()) {
    if (IsOwn(column.name)) continue;
    if (SeparationAuc(column, labels) >= kLeakageAuc) {
      return Refused(column.name, "alone separates the label almost perfectly: leakage").Prefixed(where);
    }
  }
  return {};
}

Status CheckTrainingTable(const tabular::Table& table) {
  if (table.rows() == 0) return Error(Code::kInvalidArgument, "the training table has no rows");
  TRY(CheckTarget(table));
  const double first_year = FirstYear(table);
  for (const tabular::Column& column : table.columns()) TRY(CheckColumn(column, first_year));
  return CheckValues(table, table.Find(catalog::kTarget)->numbers, "training table");
}

}  // namespace vigia::dataset
