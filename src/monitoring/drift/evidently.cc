#include "drift/evidently.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/text.h"

namespace vigia::drift {

namespace {

constexpr double kThreshold = 0.1;
constexpr double kDatasetShare = 0.5;
constexpr size_t kFewValues = 20;

// Shares with empty bins filled, as the original's `_get_percents` does.
std::vector<double> Shares(std::span<const uint64_t> counts, double total) {
  std::vector<double> shares;
  double smallest = 2;
  for (const uint64_t count : counts) {
    shares.push_back(static_cast<double>(count) / total);
    if (count > 0) smallest = std::min(smallest, shares.back());
  }
  const double fill = smallest <= 0.0001 ? smallest / 1e6 : 0.0001;
  for (double& share : shares) share = share == 0 ? fill : share;
  return shares;
}

class Comparer {
 public:
  Comparer(const columnar::Database& database, const Relation& relation, const std::string& version,
           const Window& window)
      : database_(database), parameters_(relation.parameters) {
    const size_t next = parameters_.size() + 1;
    from_ = fmt::format(
        " FROM {} WHERE timestamp >= ${} AND timestamp < ${} AND model_version = ${} AND kind <> 'rejected' AND "
        "risk_score IS NOT NULL",
        relation.sql, next, next + 1, next + 2);
    parameters_.emplace_back(window.start);
    parameters_.emplace_back(window.end);
    parameters_.emplace_back(version);
  }

  Result<columnar::Frame> Query(const std::string& select) const {
    columnar::Rows rows = TRY(database_.Query("SELECT " + select + from_, parameters_));
    return rows.ReadAll();
  }

  Result<columnar::Frame> Grouped(const std::string& select, const std::string& condition) const {
    columnar::Rows rows =
        TRY(database_.Query("SELECT " + select + from_ + " AND " + condition + " GROUP BY 1", parameters_));
    return rows.ReadAll();
  }

 private:
  const columnar::Database& database_;
  std::vector<columnar::Value> parameters_;
  std::string from_;
};

// nullopt: one of the sides has no value.
Result<std::optional<double>> CompareRanges(const Comparer& comparer, const std::string& name,
                                            const std::vector<double>& reference) {
  const std::string finite = fmt::format("CASE WHEN isfinite({0}) THEN {0} END", name);
  const columnar::Frame ends =
      TRY(comparer.Query(fmt::format("CAST(min({0}) AS DOUBLE), CAST(max({0}) AS DOUBLE), count({0})", finite)));
  const auto n = static_cast<uint64_t>(ends.columns[2].integers[0]);
  if (n == 0) return std::optional<double>();
  const auto [low, high] = std::minmax_element(reference.begin(), reference.end());
  const std::vector<double> edges = SturgesEdges(std::min(*low, ends.columns[0].numbers[0]),
                                                 std::max(*high, ends.columns[1].numbers[0]), n + reference.size());
  // numpy's bins are closed on the left, and the last on both sides; SQL's on the right.
  std::vector<double> cuts;
  for (size_t i = 1; i + 1 < edges.size(); ++i) cuts.push_back(std::nextafter(edges[i], -HUGE_VAL));
  std::vector<uint64_t> of_reference(edges.size() - 1, 0), of_current(edges.size() - 1, 0);
  for (const double value : reference) {
    ++of_reference[static_cast<size_t>(std::lower_bound(cuts.begin(), cuts.end(), value) - cuts.begin())];
  }
  std::string list;
  for (const double cut : cuts) list += fmt::format("{}{:.17e}", list.empty() ? "" : ",", cut);
  const columnar::Frame counts =
      TRY(comparer.Query(fmt::format("CAST(map_values(histogram({}, [{}]::DOUBLE[])) AS VARCHAR)", finite, list)));
  std::string_view text = counts.columns[0].texts[0];
  size_t bin = 0;
  for (const std::string_view part : Split(text.substr(1, text.size() - 2), ',')) {
    if (bin < of_current.size()) of_current[bin++] = static_cast<uint64_t>(ParseInteger(Trim(part)).value_or(0));
  }
  return std::optional<double>(EvidentlyPsi(of_reference, of_current));
}

Result<std::optional<double>> CompareValues(const Comparer& comparer, const std::string& name,
                                            const std::map<std::string, uint64_t>& reference) {
  const columnar::Frame groups =
      TRY(comparer.Grouped(fmt::format("CAST({} AS VARCHAR), count(*)", name), fmt::format("{} IS NOT NULL", name)));
  std::map<std::string, std::pair<uint64_t, uint64_t>> both;
  for (const auto& [value, count] : reference) both[value].first = count;
  for (size_t row = 0; row < groups.rows(); ++row) {
    both[groups.columns[0].texts[row]].second = static_cast<uint64_t>(groups.columns[1].integers[row]);
  }
  if (groups.rows() == 0) return std::optional<double>();
  std::vector<uint64_t> of_reference, of_current;
  for (const auto& [value, counts] : both) {
    of_reference.push_back(counts.first);
    of_current.push_back(counts.second);
  }
  return std::optional<double>(EvidentlyPsi(of_reference, of_current));
}

// As the database writes a double, so that both sides have the same keys.
Result<std::map<std::string, uint64_t>> ValuesOf(const columnar::Database& database,
                                                 const std::map<double, uint64_t>& values) {
  std::map<std::string, uint64_t> named;
  for (const auto& [value, count] : values) {
    columnar::Rows rows = TRY(database.Query("SELECT CAST(CAST($1 AS DOUBLE) AS VARCHAR)", {value}));
    named[TRY(rows.ReadAll()).columns[0].texts[0]] += count;
  }
  return named;
}

}  // namespace

size_t EvidentlyDrift::drifted() const {
  return static_cast<size_t>(std::count_if(columns.begin(), columns.end(), [](const auto& c) { return c.drifted; }));
}

bool EvidentlyDrift::dataset_drift() const {
  return !columns.empty() && static_cast<double>(drifted()) / static_cast<double>(columns.size()) >= kDatasetShare;
}

std::vector<double> SturgesEdges(double low, double high, uint64_t n) {
  if (low == high) return {low - 0.5, high + 0.5};
  const double width = (high - low) / (std::log2(static_cast<double>(n)) + 1);
  const auto bins = static_cast<size_t>(std::max(1.0, std::ceil((high - low) / width)));
  std::vector<double> edges;
  const double step = (high - low) / static_cast<double>(bins);
  for (size_t i = 0; i < bins; ++i) edges.push_back(low + step * static_cast<double>(i));
  edges.push_back(high);
  return edges;
}

double EvidentlyPsi(std::span<const uint64_t> reference, std::span<const uint64_t> current) {
  CHECK(reference.size() == current.size(), "histograms over different bins");
  const auto m = static_cast<double>(std::accumulate(reference.begin(), reference.end(), uint64_t{0}));
  const auto n = static_cast<double>(std::accumulate(current.begin(), current.end(), uint64_t{0}));
  if (m == 0 || n == 0) return 0;
  const std::vector<double> r = Shares(reference, m), c = Shares(current, n);
  double psi = 0;
  for (size_t i = 0; i < r.size(); ++i) psi += (r[i] - c[i]) * std::log(r[i] / c[i]);
  return psi;
}

Result<EvidentlyDrift> CompareAsEvidently(const columnar::Database& database, const Relation& relation,
                                          const tabular::Table& reference, const std::vector<std::string>& columns,
                                          const std::string& version, const Window& window) {
  columnar::Rows none = TRY(database.Query("SELECT * FROM " + relation.sql + " LIMIT 0", relation.parameters));
  std::map<std::string, columnar::Field> stored;
  for (const columnar::Field& field : none.fields()) stored[ToLowerAscii(field.name)] = field;
  const Comparer comparer(database, relation, version, window);
  EvidentlyDrift drift;
  for (const std::string& name : columns) {
    const tabular::Column* column = reference.Find(name);
    auto field = stored.find("feature_" + ToLowerAscii(name));
    if (field == stored.end()) field = stored.find(ToLowerAscii(name));
    if (column == nullptr || field == stored.end()) continue;
    const std::string quoted = columnar::QuoteName(field->second.name);
    const bool number = column->type == tabular::ColumnType::kNumber;
    if (number != (field->second.type != columnar::Type::kText)) continue;
    std::optional<double> score;
    if (number) {
      std::vector<double> values;
      std::map<double, uint64_t> distinct;
      for (const double value : column->numbers) {
        if (std::isnan(value)) continue;
        values.push_back(value);
        if (distinct.size() <= kFewValues) ++distinct[value];
      }
      if (values.empty()) continue;
      score = distinct.size() > kFewValues ? TRY(CompareRanges(comparer, quoted, values))
                  : TRY(CompareValues(comparer, "CAST(" + quoted + " AS DOUBLE)", TRY(ValuesOf(database, distinct))));
    } else {
      std::map<std::string, uint64_t> values;
      for (size_t row = 0; row < column->size(); ++row) {
        if (!column->IsMissing(row)) ++values[column->Level(row)];
      }
      score = TRY(CompareValues(comparer, quoted, values));
    }
    if (score) drift.columns.push_back({name, number, *score, *score >= kThreshold});
  }
  return drift;
}

Json ToJson(const EvidentlyDrift& drift) {
  Json columns = Json::object();
  for (const EvidentlyColumn& column : drift.columns) {
    columns[column.name] = {{"column_name", column.name},  {"column_type", column.number ? "num" : "cat"},
                            {"stattest_name", "PSI"},      {"stattest_threshold", kThreshold},
                            {"drift_score", column.score}, {"drift_detected", column.drifted}};
  }
  const double n = static_cast<double>(drift.columns.size());
  return {{"compat", "evidently"},
          {"number_of_columns", drift.columns.size()},
          {"number_of_drifted_columns", drift.drifted()},
          {"share_of_drifted_columns", drift.columns.empty() ? 0 : static_cast<double>(drift.drifted()) / n},
          {"drift_share", kDatasetShare},
          {"dataset_drift", drift.dataset_drift()},
          {"drift_by_columns", columns}};
}

}  // namespace vigia::drift
