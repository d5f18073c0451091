#include "drift/count.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <memory>
#include <mutex>

#include "base/text.h"
#include "drift/cut_finder.h"

namespace vigia::drift {

namespace {

using baseline::BinKind;
using baseline::Bins;

// An exponent makes it a double for SQL; without one it would be a decimal.
std::string DoubleLiteral(double value) {
  std::string text = FormatNumber(value);
  return text.find('e') == std::string::npos ? text + "e0" : text;
}

std::string TextLiteral(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

// One histogram to count: where it comes from, and how the query's numbers become slots.
struct Counted {
  const Bins* bins = nullptr;
  std::string expression;  // SQL; empty: the relation has no such column
  std::string column;      // the same without a cast: what is there may not survive one
  bool exact_type = true;
  bool is_number = false;           // as stored: counted by a NumberCounter
  std::vector<double> cuts;         // numbers
  std::vector<size_t> level_order;  // levels: sorted as in the query → index in the bins
  std::vector<uint32_t> slots;
};

const columnar::Field* FindField(const std::vector<columnar::Field>& fields, const std::string& name) {
  const std::string wanted = ToLowerAscii(name);
  for (const columnar::Field& field : fields) {
    if (ToLowerAscii(field.name) == wanted) return &field;
  }
  return nullptr;
}

Counted Plan(const Bins& bins, const std::vector<columnar::Field>& fields, const columnar::Field* field) {
  Counted counted;
  counted.bins = &bins;
  if (field == nullptr || fields.empty()) return counted;
  const std::string name = columnar::QuoteName(field->name);
  counted.column = name;
  if (bins.kind == BinKind::kLevels) {
    counted.exact_type = field->type == columnar::Type::kText;
    counted.expression = counted.exact_type ? name : "CAST(" + name + " AS VARCHAR)";
    for (size_t i = 0; i < bins.levels.size(); ++i) counted.level_order.push_back(i);
    std::sort(counted.level_order.begin(), counted.level_order.end(),
              [&](size_t a, size_t b) { return bins.levels[a] < bins.levels[b]; });
    return counted;
  }
  counted.exact_type = field->type == columnar::Type::kNumber;
  counted.is_number = counted.exact_type || field->type == columnar::Type::kInt64;
  counted.expression = counted.exact_type ? name : "TRY_CAST(" + name + " AS DOUBLE)";
  const baseline::Cuts cuts = CutsOf(bins);
  counted.cuts = cuts.cuts;
  counted.slots = cuts.slots;
  return counted;
}

// Counts the numbers of several columns at once, as the query hands them over: several times as fast as as many
// histograms of the database. Thread-safe.
class NumberCounter {
 public:
  struct Column {
    std::vector<uint64_t> counts;  // one more than there are cuts
    uint64_t values = 0;           // NaN, and so null, is none
    double sum = 0;
  };

  explicit NumberCounter(const std::vector<std::vector<double>>& cuts) {
    for (const auto& column : cuts) {
      finders_.emplace_back(column);
      columns_.push_back({std::vector<uint64_t>(column.size() + 1, 0), 0, 0});
    }
  }

  // A NumberFunction; its result means nothing.
  void Count(std::span<const std::span<const double>> arguments, std::span<double> result) {
    std::fill(result.begin(), result.end(), 0.0);
    for (size_t c = 0; c < finders_.size(); ++c) Add(CountColumn(finders_[c], arguments[c]), c);
  }

  const std::vector<Column>& columns() const { return columns_; }

 private:
  // Four rows at a time into four histograms and sums: one after another they would wait for each other.
  static Column CountColumn(const CutFinder& finder, std::span<const double> values) {
    constexpr size_t kLanes = 4;
    const size_t bins = finder.cuts() + 1;
    std::vector<uint32_t> counts(kLanes * bins, 0);
    std::array<double, kLanes> sums{};
    const auto count = [&](size_t lane, double value) {
      const auto present = static_cast<uint32_t>(value == value);  // as a number: nulls come as no processor foresees
      counts[lane * bins + finder.Below(value)] += present;
      sums[lane] += std::bit_cast<double>(std::bit_cast<uint64_t>(value) & (uint64_t{0} - present));
    };
    size_t row = 0;
    for (; row + kLanes <= values.size(); row += kLanes) {
      count(0, values[row]);
      count(1, values[row + 1]);
      count(2, values[row + 2]);
      count(3, values[row + 3]);
    }
    for (; row < values.size(); ++row) count(0, values[row]);
    Column counted{std::vector<uint64_t>(bins, 0), 0, (sums[0] + sums[1]) + (sums[2] + sums[3])};
    for (size_t i = 0; i < counts.size(); ++i) counted.counts[i % bins] += counts[i];
    for (const uint64_t in_bin : counted.counts) counted.values += in_bin;
    return counted;
  }

  void Add(const Column& counted, size_t c) {
    const std::lock_guard lock(mutex_);
    Column& all = columns_[c];
    for (size_t i = 0; i < counted.counts.size(); ++i) all.counts[i] += counted.counts[i];
    all.values += counted.values;
    all.sum += counted.sum;
  }

  std::vector<CutFinder> finders_;
  std::mutex mutex_;  // of what follows
  std::vector<Column> columns_;
};

// NaN compares as the largest value elsewhere in SQL, but falls into a histogram's first bin.
enum class NotNumbers { kNone, kSome };

// Three columns of the query: the histogram as a list of counts, how many values, their sum.
void AppendColumns(const Counted& counted, NotNumbers not_numbers, size_t index, std::string& sql) {
  std::vector<std::string> bins;
  if (counted.bins->kind == BinKind::kLevels) {
    for (const size_t level : counted.level_order) bins.push_back(TextLiteral(counted.bins->levels[level]));
    sql += fmt::format(
        ", CAST(map_values(histogram_exact({}, [{}]::VARCHAR[])) AS VARCHAR) AS h{}, count({}) AS n{}, "
        "NULL::DOUBLE AS s{}",
        counted.expression, Join(bins, ","), index, counted.column, index, index);
    return;
  }
  for (const double cut : counted.cuts) bins.push_back(DoubleLiteral(cut));
  const std::string value = not_numbers == NotNumbers::kNone
                                ? counted.expression
                                : fmt::format("CASE WHEN isnan({0}) THEN NULL ELSE {0} END", counted.expression);
  sql += fmt::format(
      ", CAST(map_values(histogram({}, [{}]::DOUBLE[])) AS VARCHAR) AS h{}, count({}) AS n{}, "
      "CAST(sum({}) AS DOUBLE) AS s{}",
      value, Join(bins, ","), index, counted.exact_type ? value : counted.column, index, value, index);
}

// "[1, 0, 0, 1]"; an empty list for null.
Result<std::vector<uint64_t>> ParseCounts(const columnar::Column& column) {
  std::vector<uint64_t> counts;
  if (column.IsNull(0)) return counts;
  std::string_view text = column.texts[0];
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return Error(Code::kInternal, "the database's histogram is not a list");
  }
  text = text.substr(1, text.size() - 2);
  if (Trim(text).empty()) return counts;
  for (const std::string_view part : Split(text, ',')) {
    const auto count = ParseInteger(Trim(part));
    if (!count || *count < 0) return Error(Code::kInternal, "the database's histogram does not hold counts");
    counts.push_back(static_cast<uint64_t>(*count));
  }
  return counts;
}

uint64_t CountAt(const columnar::Column& column) {
  return column.IsNull(0) ? 0 : static_cast<uint64_t>(column.integers[0]);
}

// The query's histogram in the bins' slots. What the histogram does not hold of `values` is unseen.
Result<SlotCounts> ToSlots(const Counted& counted, const columnar::Frame& frame, size_t at, uint64_t rows) {
  const Bins& bins = *counted.bins;
  SlotCounts result;
  result.counts.assign(bins.slots(), 0);
  const std::vector<uint64_t> histogram = TRY(ParseCounts(frame.columns[at]));
  const uint64_t values = CountAt(frame.columns[at + 1]);
  uint64_t placed = 0;
  if (bins.kind == BinKind::kLevels) {
    const bool has_other = !bins.levels.empty() && bins.levels.back() == baseline::kOtherLevel;
    for (size_t i = 0; i < counted.level_order.size() && i < histogram.size(); ++i) {
      result.counts[counted.level_order[i]] += histogram[i];
      placed += histogram[i];
    }
    result.counts[has_other ? bins.levels.size() - 1 : bins.unseen()] += values - placed;
  } else {
    for (size_t i = 0; i < histogram.size(); ++i) {
      if (i >= counted.slots.size()) return Error(Code::kInternal, "the database's histogram has too many bins");
      result.counts[counted.slots[i]] += histogram[i];
      placed += histogram[i];
    }
    if (placed > values) return Error(Code::kInternal, "the database's histogram holds more than there is");
    result.counts[bins.unseen()] += values - placed;
    const columnar::Column& sum = frame.columns[at + 2];
    if (values > 0 && !sum.IsNull(0) && std::isfinite(sum.numbers[0])) {
      result.mean = sum.numbers[0] / static_cast<double>(values);
    }
  }
  result.counts[bins.missing()] += rows - values;
  return result;
}

SlotCounts ToSlots(const Counted& counted, const NumberCounter::Column& numbers, uint64_t rows) {
  const Bins& bins = *counted.bins;
  SlotCounts result;
  result.counts.assign(bins.slots(), 0);
  for (size_t i = 0; i < numbers.counts.size(); ++i) result.counts[counted.slots[i]] += numbers.counts[i];
  result.counts[bins.missing()] += rows - numbers.values;
  if (numbers.values > 0 && std::isfinite(numbers.sum)) {
    result.mean = numbers.sum / static_cast<double>(numbers.values);
  }
  return result;
}

SlotCounts AllMissing(const Bins& bins, uint64_t rows) {
  SlotCounts result;
  result.counts.assign(bins.slots(), 0);
  result.counts[bins.missing()] = rows;
  return result;
}

struct QueryResult {
  WindowCounts counts;
  bool not_finite = false;  // some sum is not: there are values that are not numbers
};

// One call of a function for all columns of numbers. It is the query's last column, for the sake of the call.
Result<std::shared_ptr<const NumberCounter>> AppendNumbers(const columnar::Database& database,
                                                           const std::vector<Counted>& histograms, std::string& sql) {
  static std::atomic<uint64_t> calls{0};
  std::vector<std::vector<double>> cuts;
  std::vector<std::string> arguments;
  for (const Counted& counted : histograms) {
    if (!counted.is_number) continue;
    cuts.push_back(counted.cuts);
    arguments.push_back("CAST(" + counted.column + " AS DOUBLE)");
  }
  const auto counter = std::make_shared<NumberCounter>(cuts);
  if (arguments.empty()) return std::shared_ptr<const NumberCounter>(counter);
  const std::string function = fmt::format("vigia_count_{}", calls++);
  TRY(database.AddFunction(function, arguments.size(),
                           [counter](std::span<const std::span<const double>> columns, std::span<double> result) {
                             counter->Count(columns, result);
                           }));
  sql += ", sum(" + function + "(" + Join(arguments, ", ") + "))";
  return std::shared_ptr<const NumberCounter>(counter);
}

Result<QueryResult> RunQuery(const columnar::Database& database, const Relation& relation,
                             const std::vector<Counted>& histograms, const std::string& version, const Window& window,
                             NotNumbers not_numbers) {
  std::string sql =
      "SELECT count(*), count(*) FILTER (WHERE instance_index = 0), count(*) FILTER (WHERE risk_label = 1)";
  for (size_t i = 0; i < histograms.size(); ++i) {
    if (!histograms[i].expression.empty() && !histograms[i].is_number) {
      AppendColumns(histograms[i], not_numbers, i, sql);
    }
  }
  const auto numbers = TRY(AppendNumbers(database, histograms, sql));
  const size_t next = relation.parameters.size() + 1;
  sql += " FROM " + relation.sql + " WHERE timestamp >= $" + std::to_string(next) + " AND timestamp < $" +
         std::to_string(next + 1) + " AND model_version = $" + std::to_string(next + 2) +
         " AND kind <> 'rejected' AND risk_score IS NOT NULL";
  std::vector<columnar::Value> parameters = relation.parameters;
  parameters.emplace_back(window.start);
  parameters.emplace_back(window.end);
  parameters.emplace_back(version);
  columnar::Rows rows = TRY(database.Query(sql, parameters));
  const columnar::Frame frame = TRY(rows.ReadAll());
  QueryResult result;
  WindowCounts& counts = result.counts;
  counts.window = window;
  counts.instances = CountAt(frame.columns[0]);
  counts.requests = CountAt(frame.columns[1]);
  counts.positives = CountAt(frame.columns[2]);
  size_t at = 3, number = 0;
  for (const Counted& counted : histograms) {
    if (counted.is_number) {
      counts.features.push_back(ToSlots(counted, numbers->columns()[number++], counts.instances));
      continue;
    }
    if (counted.expression.empty()) {
      counts.features.push_back(AllMissing(*counted.bins, counts.instances));
      continue;
    }
    counts.features.push_back(TRY(ToSlots(counted, frame, at, counts.instances)));
    const columnar::Column& sum = frame.columns[at + 2];
    // A sum that is not a number arrives as null.
    const bool finite = !sum.IsNull(0) && std::isfinite(sum.numbers[0]);
    if (counted.bins->kind != BinKind::kLevels && CountAt(frame.columns[at + 1]) > 0 && !finite) {
      result.not_finite = true;
    }
    at += 3;
  }
  counts.scores = std::move(counts.features.back());
  counts.features.pop_back();
  return result;
}

}  // namespace

Result<WindowCounts> CountWindow(const columnar::Database& database, const Relation& relation,
                                 const baseline::Baseline& baseline, const Window& window) {
  columnar::Rows none = TRY(database.Query("SELECT * FROM " + relation.sql + " LIMIT 0", relation.parameters));
  const std::vector<columnar::Field>& fields = none.fields();
  std::vector<Counted> histograms;
  for (const baseline::FeatureProfile& profile : baseline.features) {
    const columnar::Field* renamed = FindField(fields, "feature_" + profile.name);
    histograms.push_back(Plan(profile.bins, fields, renamed != nullptr ? renamed : FindField(fields, profile.name)));
  }
  const columnar::Field* score = FindField(fields, "risk_score");
  if (score == nullptr) return Error(Code::kInvalidArgument, "the stored predictions have no column risk_score");
  histograms.push_back(Plan(baseline.scores.bins, fields, score));
  QueryResult result = TRY(RunQuery(database, relation, histograms, baseline.model_version, window, NotNumbers::kNone));
  if (result.not_finite) {
    result = TRY(RunQuery(database, relation, histograms, baseline.model_version, window, NotNumbers::kSome));
  }
  return std::move(result.counts);
}

}  // namespace vigia::drift
