#include "dataset/join.h"

#include <fmt/format.h>

#include <cmath>
#include <unordered_map>

#include "base/text.h"
#include "dataset/leakage.h"

namespace vigia::dataset {

namespace {

// An unknown column as numbers when its cells are, else as categories.
tabular::Column ReadUnknown(const Year& year, size_t column, const std::vector<size_t>& rows) {
  const SourceSheet& sheet = *year.source;
  std::vector<double> numbers;
  std::vector<std::optional<std::string>> texts;
  size_t not_numbers = 0, present = 0;
  for (const size_t row : rows) {
    const RawCell& cell = sheet.At(year.source_rows[row], column);
    std::optional<double> number;
    std::optional<std::string> text;
    if (cell.kind == CellKind::kText) {
      if (!IsPlaceholder(sheet.Text(cell))) text = sheet.Text(cell);
      if (text) number = ParseNumber(*text);
    } else if (cell.kind != CellKind::kEmpty && cell.kind != CellKind::kError) {
      number = cell.number;
      text = FormatNumber(cell.number);
    }
    present += text ? 1 : 0;
    not_numbers += text && !number ? 1 : 0;
    numbers.push_back(number.value_or(std::nan("")));
    texts.push_back(std::move(text));
  }
  tabular::Table table;
  if (not_numbers * 10 > present) {
    table.AddCategories(sheet.headers[column], texts);
  } else {
    table.AddNumbers(sheet.headers[column], std::move(numbers));
  }
  return table.columns().front();
}

Status CheckLeakage(const Year& features, const Pair& pair) {
  const std::string where = "sheet '" + features.sheet + "'";
  TRY(CheckValues(features.features.SelectRows(pair.rows), pair.labels, where));
  for (const size_t column : features.unknown_columns) {
    tabular::Table table;
    table.Add(ReadUnknown(features, column, pair.rows));
    TRY(CheckValues(table, pair.labels, where));
  }
  return {};
}

size_t CountChanges(const tabular::Column& before, const tabular::Column& after,
                    const std::vector<std::pair<size_t, size_t>>& matches) {
  size_t changes = 0;
  for (const auto& [a, b] : matches) {
    if (!before.IsMissing(a) && !after.IsMissing(b) && before.Level(a) != after.Level(b)) ++changes;
  }
  return changes;
}

void AddFindings(const Year& features, const Year& labels, const std::vector<std::pair<size_t, size_t>>& matches,
                 Pair& pair) {
  const std::string years = std::to_string(pair.feature_year) + "->" + std::to_string(pair.label_year) + ": ";
  const auto report = [&](std::string check, Severity severity, bool passed, size_t count, const std::string& words) {
    pair.findings.push_back({std::move(check),
                             severity,
                             passed,
                             count,
                             years + std::to_string(count) + " " + words,
                             pair.feature_year,
                             {}});
  };
  report("join_matched", Severity::kInfo, true, pair.matched, "pupils are in both years");
  report("join_left", Severity::kInfo, true, features.pupils.size() - pair.matched,
         "pupils are not in the label year, left out");
  report("join_entered", Severity::kInfo, true, labels.pupils.size() - pair.matched,
         "pupils are new in the label year, left out");
  const size_t unlabelled = pair.matched - pair.rows.size();
  report("label_missing", Severity::kWarning, unlabelled == 0, unlabelled,
         "matched pupils have no Defasagem in the label year, excluded");
  report("label_positive", Severity::kInfo, true, pair.positives,
         fmt::format("of {} rows are at risk (base rate {:.1f}%)", pair.rows.size(),
                     100.0 * static_cast<double>(pair.positives) / static_cast<double>(pair.rows.size())));
  report("sex_changed", Severity::kWarning, true,
         CountChanges(*features.features.Find("genero"), *labels.features.Find("genero"), matches),
         "matched pupils change sex between the years");
  report("institution_changed", Severity::kInfo, true,
         CountChanges(*features.features.Find("instituicao"), *labels.features.Find("instituicao"), matches),
         "matched pupils change the kind of school between the years");
  report("leakage", Severity::kError, true, 0, "columns know the label (refused otherwise)");
  report("personal_data", Severity::kError, true, 0, "personal columns among the features (refused otherwise)");
}

}  // namespace

Result<Pair> JoinYears(const Year& features, const Year& labels) {
  Pair pair;
  pair.feature_year = features.year;
  pair.label_year = labels.year;
  std::unordered_map<std::string_view, size_t> label_rows;
  for (size_t row = 0; row < labels.pupils.size(); ++row) label_rows.emplace(labels.pupils[row], row);
  const std::vector<double>& lag = labels.features.Find("defasagem")->numbers;
  std::vector<std::pair<size_t, size_t>> matches;
  for (size_t row = 0; row < features.pupils.size(); ++row) {
    const auto found = label_rows.find(features.pupils[row]);
    if (found == label_rows.end()) continue;
    matches.emplace_back(row, found->second);
    const double next_lag = lag[found->second];
    if (std::isnan(next_lag)) continue;
    pair.rows.push_back(row);
    pair.labels.push_back(next_lag < 0 ? 1 : 0);
    pair.positives += next_lag < 0 ? 1 : 0;
  }
  pair.matched = matches.size();
  if (pair.rows.empty()) {
    return Error(Code::kInvalidArgument, "no pupil of '" + features.sheet + "' is in '" + labels.sheet +
                                             "' with a Defasagem (" + std::to_string(pair.matched) + " RAs match)");
  }
  TRY(CheckLeakage(features, pair));
  AddFindings(features, labels, matches, pair);
  return pair;
}

}  // namespace vigia::dataset
