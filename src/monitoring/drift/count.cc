#include "drift/count.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <span>

#include "base/text.h"
#include "drift/column_counter.h"

namespace vigia::drift {

namespace {

using baseline::BinKind;
using baseline::Bins;

// One histogram to count: where it comes from, and how what a counter counts becomes slots.
struct Counted {
  const Bins* bins = nullptr;
  std::string column;      // for SQL; empty: the relation has none
  std::string expression;  // the same as the counter takes it
  bool casts = false;      // what is there may not survive it
  baseline::Cuts cuts;     // numbers
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
  counted.column = columnar::QuoteName(field->name);
  if (bins.kind == BinKind::kLevels) {
    counted.expression = "CAST(" + counted.column + " AS VARCHAR)";
    return counted;
  }
  counted.casts = field->type != columnar::Type::kNumber && field->type != columnar::Type::kInt64;
  counted.expression = (counted.casts ? "TRY_CAST(" : "CAST(") + counted.column + " AS DOUBLE)";
  counted.cuts = CutsOf(bins);
  return counted;
}

uint64_t CountAt(const columnar::Column& column) {
  return column.IsNull(0) ? 0 : static_cast<uint64_t>(column.integers[0]);
}

// `there`: how many values there are, of which some may be no numbers.
SlotCounts ToSlots(const Counted& counted, const NumberCounter::Column& numbers, uint64_t rows,
                   std::optional<uint64_t> there) {
  const Bins& bins = *counted.bins;
  SlotCounts result;
  result.counts.assign(bins.slots(), 0);
  uint64_t values = 0;
  for (size_t i = 0; i < numbers.counts.size(); ++i) {
    result.counts[counted.cuts.slots[i]] += numbers.counts[i];
    values += numbers.counts[i];
  }
  result.counts[bins.unseen()] += there.value_or(values) - values;
  result.counts[bins.missing()] += rows - there.value_or(values);
  if (values > 0 && std::isfinite(numbers.sum)) result.mean = numbers.sum / static_cast<double>(values);
  return result;
}

SlotCounts ToSlots(const Counted& counted, std::span<const uint64_t> levels, uint64_t rows) {
  const Bins& bins = *counted.bins;
  SlotCounts result;
  result.counts.assign(bins.slots(), 0);
  std::copy_n(levels.begin(), bins.levels.size(), result.counts.begin());
  const bool has_other = !bins.levels.empty() && bins.levels.back() == baseline::kOtherLevel;
  result.counts[has_other ? bins.levels.size() - 1 : bins.unseen()] += levels.back();
  result.counts[bins.missing()] += rows - std::accumulate(levels.begin(), levels.end(), uint64_t{0});
  return result;
}

SlotCounts AllMissing(const Bins& bins, uint64_t rows) {
  SlotCounts result;
  result.counts.assign(bins.slots(), 0);
  result.counts[bins.missing()] = rows;
  return result;
}

// The histograms of one kind: `sql` gets a call of one function for all of them. It is there for the sake of the call.
template <class Counter, class Value, class Bounds>
Result<std::shared_ptr<const Counter>> AppendCall(const columnar::Database& database, const std::string& kind,
                                                  const std::string& arguments, const std::vector<Bounds>& bounds,
                                                  std::string& sql) {
  static std::atomic<uint64_t> calls{0};
  const auto counter = std::make_shared<Counter>(bounds);
  if (bounds.empty()) return std::shared_ptr<const Counter>(counter);
  const std::string function = fmt::format("vigia_count_{}_{}", kind, calls++);
  using Function = std::function<void(std::span<const std::span<const Value>>, std::span<double>)>;
  TRY(database.AddFunction(function, bounds.size(),
                           Function([counter](std::span<const std::span<const Value>> columns,
                                              std::span<double> result) { counter->Count(columns, result); })));
  sql += ", sum(" + function + "(" + arguments + "))";
  return std::shared_ptr<const Counter>(counter);
}

struct Counters {
  std::shared_ptr<const NumberCounter> numbers;
  std::shared_ptr<const LevelCounter> levels;
};

Result<Counters> AppendCalls(const columnar::Database& database, const std::vector<Counted>& histograms,
                             std::string& sql) {
  std::vector<std::vector<double>> cuts;
  std::vector<std::vector<std::string>> levels;
  std::string numbers, texts;
  for (const Counted& counted : histograms) {
    if (counted.column.empty()) continue;
    const bool is_text = counted.bins->kind == BinKind::kLevels;
    std::string& arguments = is_text ? texts : numbers;
    arguments += (arguments.empty() ? "" : ", ") + counted.expression;
    if (is_text) {
      levels.push_back(counted.bins->levels);
    } else {
      cuts.push_back(counted.cuts.cuts);
    }
  }
  Counters counters;
  counters.numbers = TRY((AppendCall<NumberCounter, double>(database, "numbers", numbers, cuts, sql)));
  counters.levels = TRY((AppendCall<LevelCounter, std::string_view>(database, "texts", texts, levels, sql)));
  return counters;
}

Result<columnar::Frame> RunQuery(const columnar::Database& database, const Relation& relation, std::string sql,
                                 const std::string& version, const Window& window) {
  const size_t next = relation.parameters.size() + 1;
  sql += " FROM " + relation.sql + " WHERE timestamp >= $" + std::to_string(next) + " AND timestamp < $" +
         std::to_string(next + 1) + " AND model_version = $" + std::to_string(next + 2) +
         " AND kind <> 'rejected' AND risk_score IS NOT NULL";
  std::vector<columnar::Value> parameters = relation.parameters;
  parameters.emplace_back(window.start);
  parameters.emplace_back(window.end);
  parameters.emplace_back(version);
  columnar::Rows rows = TRY(database.Query(sql, parameters));
  return rows.ReadAll();
}

Result<WindowCounts> Count(const columnar::Database& database, const Relation& relation,
                           const std::vector<Counted>& histograms, const std::string& version, const Window& window) {
  std::string sql =
      "SELECT count(*), count(*) FILTER (WHERE instance_index = 0), count(*) FILTER (WHERE risk_label = 1)";
  for (const Counted& counted : histograms) {
    if (counted.casts) sql += ", count(" + counted.column + ")";
  }
  const Counters counters = TRY(AppendCalls(database, histograms, sql));
  const columnar::Frame frame = TRY(RunQuery(database, relation, std::move(sql), version, window));
  WindowCounts counts;
  counts.window = window;
  counts.instances = CountAt(frame.columns[0]);
  counts.requests = CountAt(frame.columns[1]);
  counts.positives = CountAt(frame.columns[2]);
  size_t cast = 3, number = 0, text = 0;
  for (const Counted& counted : histograms) {
    if (counted.column.empty()) {
      counts.features.push_back(AllMissing(*counted.bins, counts.instances));
    } else if (counted.bins->kind == BinKind::kLevels) {
      counts.features.push_back(ToSlots(counted, counters.levels->columns()[text++], counts.instances));
    } else {
      const auto there = counted.casts ? std::optional(CountAt(frame.columns[cast++])) : std::nullopt;
      counts.features.push_back(ToSlots(counted, counters.numbers->columns()[number++], counts.instances, there));
    }
  }
  counts.scores = std::move(counts.features.back());
  counts.features.pop_back();
  return counts;
}

}  // namespace

Result<WindowCounts> CountWindow(const columnar::Database& database, const Relation& relation,
                                 const baseline::Baseline& baseline, const Window& window) {
  std::vector<columnar::Field> fields = relation.fields;
  if (fields.empty()) {
    fields = TRY(database.Query("SELECT * FROM " + relation.sql + " LIMIT 0", relation.parameters))
    .fields();
  }
  std::vector<Counted> histograms;
  for (const baseline::FeatureProfile& profile : baseline.features) {
    const columnar::Field* renamed = FindField(fields, "feature_" + profile.name);
    histograms.push_back(Plan(profile.bins, fields, renamed != nullptr ? renamed : FindField(fields, profile.name)));
  }
  const columnar::Field* score = FindField(fields, "risk_score");
  if (score == nullptr) return Error(Code::kInvalidArgument, "the stored predictions have no column risk_score");
  histograms.push_back(Plan(baseline.scores.bins, fields, score));
  return Count(database, relation, histograms, baseline.model_version, window);
}

}  // namespace vigia::drift
