#include "features/pipeline.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "features/school.h"

namespace vigia::features {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// Keeps every sum and difference of raw values inside float.
constexpr double kLimit = 1e30;
constexpr size_t kMaxRaw = 1024;
constexpr size_t kMaxInputs = 1024;
constexpr size_t kMaxOperands = std::numeric_limits<uint16_t>::max();
constexpr double kLongestTenure = 15;
constexpr const char* kYearColumn = "ano";

Error Bad(const std::string& what) { return Error(Code::kInvalidArgument, what); }

bool IsComposite(Operation operation) {
  switch (operation) {
    case Operation::kMean:
    case Operation::kMin:
    case Operation::kMax:
    case Operation::kStd:
    case Operation::kRange: return true;
    case Operation::kIdentity:
    case Operation::kOneHot:
    case Operation::kMissing:
    case Operation::kTenure:
    case Operation::kDifference:
    case Operation::kCurrentLag:
    case Operation::kLagIfRetained: return false;
  }
  return false;
}

bool FitsCount(Operation operation, size_t count) {
  if (IsComposite(operation)) return count >= 1;
  if (operation == Operation::kCurrentLag) return count == 3;
  return count == (operation == Operation::kDifference || operation == Operation::kLagIfRetained ? 2U : 1U);
}

bool FitsType(Operation operation, FeatureType type) {
  if (operation == Operation::kMissing) return true;
  return (operation == Operation::kOneHot) == (type == FeatureType::kCategory);
}

bool IsRange(double low, double high) { return low >= -kLimit && high <= kLimit && low <= high; }

// NaN passes: both comparisons are false. Written as a maximum and a minimum, which need no branch.
double Clip(double value, double low, double high) {
  const double raised = low > value ? low : value;
  return high < raised ? high : raised;
}

// Bit operations instead of a branch, which missing values would make unpredictable.
double Impute(double value, double impute) {
  const uint64_t is_missing = -static_cast<uint64_t>(value != value);
  return std::bit_cast<double>((std::bit_cast<uint64_t>(value) & ~is_missing) |
                               (std::bit_cast<uint64_t>(impute) & is_missing));
}

// What `value(row)` says for each row. Loops of a constant length become vector instructions.
template <size_t kRows, typename Value>
[[gnu::always_inline]] inline std::array<double, kRows> Each(const Value& value) {
  std::array<double, kRows> values;
  for (size_t r = 0; r < kRows; ++r) values[r] = value(r);
  return values;
}

template <size_t kRows, typename Summary>
std::array<double, kRows> Composite(Operation operation, const Summary& of) {
  const auto unless_empty = [&](const auto& value) {
    return Each<kRows>([&](size_t r) { return of.count[r] > 0 ? value[r] : kNaN; });
  };
  switch (operation) {
    case Operation::kMean: return unless_empty(of.mean);
    case Operation::kMin: return unless_empty(of.min);
    case Operation::kMax: return unless_empty(of.max);
    case Operation::kStd: return unless_empty(of.deviation);
    default: return unless_empty(Each<kRows>([&](size_t r) { return of.max[r] - of.min[r]; }));
  }
}

}  // namespace

Result<Pipeline> Pipeline::Compile(const FeatureSpec& spec) {
  if (spec.raw.size() > kMaxRaw || spec.inputs.size() > kMaxInputs) return Bad("features: more than 1024");
  Pipeline pipeline;
  pipeline.spec_ = spec;
  for (const RawFeature& feature : spec.raw) {
    if (feature.type != FeatureType::kCategory &&
        !(IsRange(feature.min, feature.max) && IsRange(feature.seen_min, feature.seen_max))) {
      return Bad("raw feature '" + feature.name + "': its range is not one");
    }
    pipeline.ranges_.push_back({feature.seen_min, feature.seen_max});
  }
  for (const DerivedFeature& input : spec.inputs) {
    const Status added = pipeline.AddOp(input);
    if (!added.ok()) return added.error().Prefixed("input '" + input.name + "'");
  }
  return pipeline;
}

Status Pipeline::AddOp(const DerivedFeature& input) {
  const std::string operation(OperationName(input.operation));
  if (!FitsCount(input.operation, input.inputs.size())) return Bad(operation + " does not take so many raw features");
  if (operands_.size() + input.inputs.size() > kMaxOperands) return Bad("too many raw features in all");
  Op op;
  op.operation = input.operation;
  op.first = static_cast<uint16_t>(operands_.size());
  op.count = static_cast<uint16_t>(input.inputs.size());
  op.group = static_cast<uint16_t>(ops_.size());
  op.impute = input.impute.value_or(kNaN);
  op.low = input.clip_low.value_or(-kLimit);
  op.high = input.clip_high.value_or(kLimit);
  if (!IsRange(op.low, op.high) || std::abs(op.impute) > kLimit) return Bad("its range is not one");
  for (const std::string& name : input.inputs) {
    const int index = spec_.FindRaw(name);
    if (index < 0) return Bad("raw feature '" + name + "' is not known");
    if (!FitsType(input.operation, spec_.raw[static_cast<size_t>(index)].type)) {
      return Bad(operation + " does not fit the type of raw feature '" + name + "'");
    }
    operands_.push_back(static_cast<uint16_t>(index));
  }
  if (input.operation == Operation::kOneHot) {
    const auto& levels = spec_.raw[operands_[op.first]].levels;
    const auto found = std::find(levels.begin(), levels.end(), input.level);
    if (found == levels.end()) return Bad("level '" + input.level + "' is not known");
    op.level_code = static_cast<double>(found - levels.begin());
  }
  if (IsComposite(op.operation) && !ops_.empty() && IsComposite(ops_.back().operation)) {
    const Op& last = ops_.back();
    const auto begin = operands_.begin();
    if (std::equal(begin + last.first, begin + last.first + last.count, begin + op.first, operands_.end())) {
      op.group = last.group;
    }
  }
  ops_.push_back(op);
  return {};
}

template <size_t kRows>
Pipeline::Values<kRows> Pipeline::Clipped(const double* raw, uint16_t index) const {
  const Range range = ranges_[index];
  return Each<kRows>([=, column = raw + index * kRows](size_t r) { return Clip(column[r], range.low, range.high); });
}

// Without branches, as in Impute; min and max keep what they have when the value is NaN.
template <size_t kRows>
Pipeline::Summary<kRows> Pipeline::Summarise(const double* raw, const Op& op) const {
  const std::span<const uint16_t> operands(operands_.data() + op.first, op.count);
  Summary<kRows> summary;
  Values<kRows> sum{}, squares{};
  summary.min.fill(std::numeric_limits<double>::infinity());
  summary.max.fill(-std::numeric_limits<double>::infinity());
  for (const uint16_t index : operands) {
    const Values<kRows> value = Clipped<kRows>(raw, index);
    for (size_t r = 0; r < kRows; ++r) {
      summary.count[r] += value[r] == value[r] ? 1 : 0;
      sum[r] += Impute(value[r], 0);
      summary.min[r] = value[r] < summary.min[r] ? value[r] : summary.min[r];
      summary.max[r] = value[r] > summary.max[r] ? value[r] : summary.max[r];
    }
  }
  for (size_t r = 0; r < kRows; ++r) summary.mean[r] = sum[r] / summary.count[r];
  for (const uint16_t index : operands) {
    const Values<kRows> value = Clipped<kRows>(raw, index);
    for (size_t r = 0; r < kRows; ++r) {
      const double distance = Impute(value[r] - summary.mean[r], 0);
      squares[r] += distance * distance;
    }
  }
  for (size_t r = 0; r < kRows; ++r) {
    summary.deviation[r] = summary.count[r] > 1 ? std::sqrt(squares[r] / (summary.count[r] - 1)) : 0;
  }
  return summary;
}

template <size_t kRows>
Pipeline::Values<kRows> Pipeline::ValuesOf(const Op& op, const double* raw, const Values<kRows>& years) const {
  const auto column = [&](size_t operand) { return raw + operands_[op.first + operand] * kRows; };
  const double* const first = column(0);
  switch (op.operation) {
    case Operation::kOneHot:
      return Each<kRows>([=, code = op.level_code](size_t r) { return first[r] == code ? 1.0 : 0.0; });
    case Operation::kMissing: return Each<kRows>([=](size_t r) { return first[r] == first[r] ? 0.0 : 1.0; });
    case Operation::kTenure:
      return Each<kRows>([=, &years](size_t r) { return Clip(years[r] - first[r], 0, kLongestTenure); });
    case Operation::kDifference: {
      const Values<kRows> a = Clipped<kRows>(raw, operands_[op.first]);
      const Values<kRows> b = Clipped<kRows>(raw, operands_[op.first + 1U]);
      return Each<kRows>([&](size_t r) { return a[r] - b[r]; });
    }
    case Operation::kCurrentLag:
      return Each<kRows>([=, phase = column(1), age = column(2)](size_t r) {
        return std::isnan(first[r]) ? phase[r] - IdealPhase(age[r]) : first[r];
      });
    case Operation::kLagIfRetained:
      return Each<kRows>([=, age = column(1)](size_t r) { return first[r] - IdealPhase(age[r] + 1); });
    default: return Clipped<kRows>(raw, operands_[op.first]);
  }
}

template <size_t kRows>
void Pipeline::ComputeRows(const double* raw, const Values<kRows>& years, float* inputs) const {
  Summary<kRows> summary;
  size_t summarised = ops_.size();  // the group that `summary` is of; none yet
  for (size_t i = 0; i < ops_.size(); ++i) {
    const Op& op = ops_[i];
    Values<kRows> values;
    if (IsComposite(op.operation)) {
      if (summarised != op.group) summary = Summarise<kRows>(raw, op);
      summarised = op.group;
      values = Composite<kRows>(op.operation, summary);
    } else {
      values = ValuesOf<kRows>(op, raw, years);
    }
    const auto input = Each<kRows>([&, impute = op.impute, low = op.low, high = op.high](size_t r) {
      return Clip(Impute(values[r], impute), low, high);
    });
    for (size_t r = 0; r < kRows; ++r) inputs[r * ops_.size() + i] = static_cast<float>(input[r]);
  }
}

void Pipeline::Compute(std::span<const double> raw, int year, std::span<float> inputs) const {
  CHECK(raw.size() == raw_width() && inputs.size() == input_width(), "a row of the wrong width");
  ComputeRows<1>(raw.data(), {static_cast<double>(year == 0 ? spec_.reference_year : year)}, inputs.data());
}

void Pipeline::ComputeBlock(std::span<const double> raw, std::span<const int> years, std::span<float> inputs) const {
  CHECK(raw.size() == kBlock * raw_width() && inputs.size() == kBlock * input_width(), "rows of the wrong width");
  CHECK(years.empty() || years.size() == kBlock, "a year for each row or none");
  Values<kBlock> year;
  for (size_t r = 0; r < kBlock; ++r) year[r] = years.empty() || years[r] == 0 ? spec_.reference_year : years[r];
  ComputeRows<kBlock>(raw.data(), year, inputs.data());
}

Result<std::vector<double>> Pipeline::RawRows(const tabular::Table& table) const {
  const size_t width = raw_width(), rows = table.rows();
  std::vector<double> raw(rows * width, kNaN);
  for (size_t f = 0; f < width; ++f) {
    const RawFeature& feature = spec_.raw[f];
    const tabular::Column* column = table.Find(feature.name);
    if (column == nullptr || column->MissingCount() == rows) continue;
    const bool is_category = feature.type == FeatureType::kCategory;
    if (is_category != (column->type == tabular::ColumnType::kCategory)) {
      return Bad("column '" + feature.name + "' " + (is_category ? "is not a category" : "is not numeric"));
    }
    if (!is_category) {
      for (size_t row = 0; row < rows; ++row) raw[row * width + f] = column->numbers[row];
      continue;
    }
    std::vector<double> code_of_level;
    for (const std::string& level : column->levels) {
      const auto found = std::find(feature.levels.begin(), feature.levels.end(), level);
      code_of_level.push_back(found == feature.levels.end() ? kUnseenLevel
                                                            : static_cast<double>(found - feature.levels.begin()));
    }
    for (size_t row = 0; row < rows; ++row) {
      if (!column->IsMissing(row)) raw[row * width + f] = code_of_level[static_cast<size_t>(column->codes[row])];
    }
  }
  return raw;
}

std::vector<int> Pipeline::Years(const tabular::Table& table) const {
  std::vector<int> years(table.rows(), spec_.reference_year);
  const tabular::Column* column = table.Find(kYearColumn);
  if (column == nullptr || column->type != tabular::ColumnType::kNumber) return years;
  for (size_t row = 0; row < years.size(); ++row) {
    const double year = column->numbers[row];
    if (year >= 1 && year <= 9999) years[row] = static_cast<int>(year);
  }
  return years;
}

}  // namespace vigia::features
