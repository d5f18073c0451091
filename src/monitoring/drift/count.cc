#include "drift/count.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <span>

#include "base/text.h"
#include "drift/code_counter.h"
#include "drift/cut_finder.h"
#include "drift/level_finder.h"

namespace vigia::drift {

namespace {

using baseline::BinKind;
using baseline::Bins;

// One histogram to count: where it comes from, and how codes become slots.
struct Counted {
  const Bins* bins = nullptr;
  std::string column;      // for SQL; empty: the relation has none
  std::string expression;  // the same as a coder takes it
  bool casts = false;      // what is there may not survive it
  baseline::Cuts cuts;     // numbers

  bool numbers() const { return bins->kind != BinKind::kLevels; }
  // One for what lies in no bin, and one for null (and NaN).
  size_t codes() const { return (numbers() ? cuts.cuts.size() : bins->levels.size()) + 2; }
};

const columnar::Field* FindField(const std::vector<columnar::Field>& fields, const std::string& name) {
  const std::string wanted = ToLowerAscii(name);
  for (const columnar::Field& field : fields) {
    if (ToLowerAscii(field.name) == wanted) return &field;
  }
  return nullptr;
}

Counted Plan(const Bins& bins, const columnar::Field* field) {
  Counted counted;
  counted.bins = &bins;
  if (field == nullptr) return counted;
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

double SumAt(const columnar::Column& column) { return column.IsNull(0) ? 0 : column.numbers[0]; }

// `codes`: how many rows had each. `there`: how many values there are, of which some may be no numbers.
SlotCounts NumbersToSlots(const Counted& counted, std::span<const uint64_t> codes, double sum, uint64_t rows,
                          std::optional<uint64_t> there) {
  const Bins& bins = *counted.bins;
  SlotCounts result;
  result.counts.assign(bins.slots(), 0);
  uint64_t values = 0;
  for (size_t i = 0; i <= counted.cuts.cuts.size(); ++i) {
    result.counts[counted.cuts.slots[i]] += codes[i];
    values += codes[i];
  }
  result.counts[bins.unseen()] += there.value_or(values) - values;
  result.counts[bins.missing()] += rows - there.value_or(values);
  if (values > 0 && std::isfinite(sum)) result.mean = sum / static_cast<double>(values);
  return result;
}

SlotCounts LevelsToSlots(const Bins& bins, std::span<const uint64_t> codes) {
  SlotCounts result;
  result.counts.assign(bins.slots(), 0);
  const size_t levels = bins.levels.size();
  std::copy_n(codes.begin(), levels, result.counts.begin());
  const bool has_other = levels > 0 && bins.levels.back() == baseline::kOtherLevel;
  result.counts[has_other ? levels - 1 : bins.unseen()] += codes[levels];
  result.counts[bins.missing()] += codes[levels + 1];
  return result;
}

SlotCounts AllMissing(const Bins& bins, uint64_t rows) {
  SlotCounts result;
  result.counts.assign(bins.slots(), 0);
  result.counts[bins.missing()] = rows;
  return result;
}

Status AddCoder(const columnar::Database& database, const std::string& name, const Counted& counted) {
  if (counted.codes() > std::numeric_limits<uint16_t>::max()) {
    return Error(Code::kInvalidArgument, "the baseline has too many bins for the column " + counted.column);
  }
  if (counted.numbers()) {
    return database.AddFunction(name,
                                columnar::NumberCoder([finder = std::make_shared<const CutFinder>(counted.cuts.cuts)](
                                                          auto values, auto codes) { finder->Find(values, codes); }));
  }
  return database.AddFunction(name,
                              columnar::TextCoder([finder = std::make_shared<const LevelFinder>(counted.bins->levels)](
                                                      auto texts, auto codes) { finder->Find(texts, codes); }));
}

// Null and NaN do not add to a sum.
void OrZero(std::span<const double> values, std::span<double> result) {
  std::transform(values.begin(), values.end(), result.begin(),
                 [](double value) { return std::isnan(value) ? 0 : value; });
}

// `sql` gets the sum of each column of numbers, and, last, a call that is there for the sake of the counter.
Result<std::shared_ptr<const CodeCounter>> AppendCalls(const columnar::Database& database,
                                                       const std::vector<Counted>& histograms, std::string& sql) {
  static std::atomic<uint64_t> calls{0};
  const std::string prefix = fmt::format("vigia_drift_{}_", calls++);
  TRY(database.AddFunction(prefix + "or_zero", columnar::NumberMap(OrZero)));
  std::vector<size_t> codes;
  std::string arguments;
  for (const Counted& counted : histograms) {
    if (counted.column.empty()) continue;
    const std::string coder = prefix + std::to_string(codes.size());
    TRY(AddCoder(database, coder, counted));
    codes.push_back(counted.codes());
    arguments += (arguments.empty() ? "" : ", ") + coder + "(" + counted.expression + ")";
    if (counted.numbers()) sql += ", sum(" + prefix + "or_zero(" + counted.expression + "))";
  }
  const auto counter = std::make_shared<CodeCounter>(codes);
  TRY(database.AddFunction(prefix + "count", codes.size(), columnar::CodeFunction([counter](auto columns, auto result) {
                             counter->Count(columns, result);
                           })));
  sql += ", sum(" + prefix + "count(" + arguments + "))";
  return std::shared_ptr<const CodeCounter>(counter);
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
  const auto counter = TRY(AppendCalls(database, histograms, sql));
  const columnar::Frame frame = TRY(RunQuery(database, relation, std::move(sql), version, window));
  WindowCounts counts;
  counts.window = window;
  counts.instances = CountAt(frame.columns[0]);
  counts.requests = CountAt(frame.columns[1]);
  counts.positives = CountAt(frame.columns[2]);
  const auto casts = std::count_if(histograms.begin(), histograms.end(), [](const Counted& c) { return c.casts; });
  size_t cast = 3, sum = cast + static_cast<size_t>(casts), column = 0;
  for (const Counted& counted : histograms) {
    if (counted.column.empty()) {
      counts.features.push_back(AllMissing(*counted.bins, counts.instances));
    } else if (counted.numbers()) {
      const auto there = counted.casts ? std::optional(CountAt(frame.columns[cast++])) : std::nullopt;
      counts.features.push_back(
          NumbersToSlots(counted, counter->column(column++), SumAt(frame.columns[sum++]), counts.instances, there));
    } else {
      counts.features.push_back(LevelsToSlots(*counted.bins, counter->column(column++)));
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
    histograms.push_back(Plan(profile.bins, renamed != nullptr ? renamed : FindField(fields, profile.name)));
  }
  const columnar::Field* score = FindField(fields, "risk_score");
  if (score == nullptr) return Error(Code::kInvalidArgument, "the stored predictions have no column risk_score");
  histograms.push_back(Plan(baseline.scores.bins, score));
  return Count(database, relation, histograms, baseline.model_version, window);
}

}  // namespace vigia::drift
