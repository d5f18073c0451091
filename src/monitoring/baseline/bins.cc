#include "baseline/bins.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace vigia::baseline {

namespace {

double Tolerance(double value) { return 1e-6 * std::max(1.0, std::abs(value)); }

std::vector<double> SortedPresent(std::span<const double> values) {
  std::vector<double> sorted;
  sorted.reserve(values.size());
  for (const double value : values) {
    if (!std::isnan(value)) sorted.push_back(value);
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

// Distinct values, or more than `limit` of them.
std::vector<double> Distinct(const std::vector<double>& sorted, size_t limit) {
  std::vector<double> distinct;
  for (const double value : sorted) {
    if (!distinct.empty() && value - distinct.back() <= Tolerance(value)) continue;
    distinct.push_back(value);
    if (distinct.size() > limit) break;
  }
  return distinct;
}

// Order statistics, so that edges are values that occur; ties merge bins.
std::vector<double> QuantileEdges(const std::vector<double>& sorted, size_t bins) {
  std::vector<double> edges{sorted.front()};
  for (size_t i = 1; i <= bins; ++i) {
    const size_t rank = (i * sorted.size() + bins - 1) / bins;
    const double edge = sorted[rank - 1];
    if (edge > edges.back()) edges.push_back(edge);
    // A minimum that fills a whole bin gets that bin for itself.
    if (i == 1 && edge == edges.front()) edges.push_back(edge);
  }
  return edges;
}

Cuts CutsOfRanges(const std::vector<double>& edges, const Bins& bins) {
  Cuts cuts;
  cuts.cuts.push_back(edges.front() - Tolerance(edges.front()));
  cuts.slots.push_back(static_cast<uint32_t>(bins.below()));
  for (size_t i = 1; i < edges.size(); ++i) {
    const bool outer = i + 1 == edges.size() || edges[i] == edges.front();
    cuts.cuts.push_back(outer ? edges[i] + Tolerance(edges[i]) : edges[i]);
    cuts.slots.push_back(static_cast<uint32_t>(i - 1));
  }
  cuts.slots.push_back(static_cast<uint32_t>(bins.above()));
  return cuts;
}

Cuts CutsOfValues(const std::vector<double>& values, const Bins& bins) {
  Cuts cuts;
  if (values.empty()) {
    cuts.slots.push_back(static_cast<uint32_t>(bins.unseen()));
    return cuts;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    cuts.cuts.push_back(values[i] - Tolerance(values[i]));
    cuts.slots.push_back(static_cast<uint32_t>(i == 0 ? bins.below() : bins.unseen()));
    cuts.cuts.push_back(values[i] + Tolerance(values[i]));
    cuts.slots.push_back(static_cast<uint32_t>(i));
  }
  cuts.slots.push_back(static_cast<uint32_t>(bins.above()));
  return cuts;
}

std::string Short(double value) { return fmt::format("{:.6g}", value); }

std::string_view KindName(BinKind kind) {
  switch (kind) {
    case BinKind::kRanges: return "ranges";
    case BinKind::kValues: return "values";
    case BinKind::kLevels: return "levels";
  }
  CHECK(false, "unknown kind of bins");
}

Result<std::vector<double>> RisingNumbers(const Json& json, const std::string& key) {
  std::vector<double> numbers;
  for (const Json& item : *TRY(GetArray(json, key))) {
    if (!item.is_number()) return Error(Code::kInvalidArgument, "bins: '" + key + "' must hold numbers");
    const double number = item.get<double>();
    // The first two edges may be equal.
    const bool equal_allowed = key == "edges" && numbers.size() == 1;
    if (!numbers.empty() && (number < numbers.back() || (number == numbers.back() && !equal_allowed))) {
      return Error(Code::kInvalidArgument, "bins: '" + key + "' must rise");
    }
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

size_t Bins::core() const {
  switch (kind) {
    case BinKind::kRanges: return edges.empty() ? 0 : edges.size() - 1;
    case BinKind::kValues: return values.size();
    case BinKind::kLevels: return levels.size();
  }
  CHECK(false, "unknown kind of bins");
}

Cuts CutsOf(const Bins& bins) {
  CHECK(bins.kind != BinKind::kLevels, "levels have no cuts");
  Cuts cuts = bins.kind == BinKind::kRanges ? CutsOfRanges(bins.edges, bins) : CutsOfValues(bins.values, bins);
  // Neighbours closer than the tolerance: the later one wins nothing, but the order holds.
  for (size_t i = 1; i < cuts.cuts.size(); ++i) {
    if (cuts.cuts[i] <= cuts.cuts[i - 1]) cuts.cuts[i] = std::nextafter(cuts.cuts[i - 1], HUGE_VAL);
  }
  return cuts;
}

size_t SlotOf(const Cuts& cuts, const Bins& bins, double value) {
  if (std::isnan(value)) return bins.missing();
  const auto at = std::lower_bound(cuts.cuts.begin(), cuts.cuts.end(), value);
  return cuts.slots[static_cast<size_t>(at - cuts.cuts.begin())];
}

size_t SlotOf(const Bins& bins, std::string_view level) {
  for (size_t i = 0; i < bins.levels.size(); ++i) {
    if (bins.levels[i] == level) return i;
  }
  const bool has_other = !bins.levels.empty() && bins.levels.back() == kOtherLevel;
  return has_other ? bins.levels.size() - 1 : bins.unseen();
}

Bins BinNumbers(std::span<const double> values, const BinSettings& settings) {
  const std::vector<double> sorted = SortedPresent(values);
  Bins bins;
  std::vector<double> distinct = Distinct(sorted, settings.max_values);
  if (distinct.size() <= settings.max_values) {
    bins.kind = BinKind::kValues;
    bins.values = std::move(distinct);
    return bins;
  }
  const size_t affordable = std::max<size_t>(2, sorted.size() / std::max<size_t>(1, settings.min_rows_per_bin));
  bins.kind = BinKind::kRanges;
  bins.edges = QuantileEdges(sorted, std::min(settings.quantile_bins, affordable));
  return bins;
}

Bins BinLevels(const tabular::Column& column, const BinSettings& settings) {
  CHECK(column.type == tabular::ColumnType::kCategory, "levels of a column of numbers");
  std::vector<uint64_t> counts(column.levels.size(), 0);
  for (const int32_t code : column.codes) {
    if (code >= 0) ++counts[static_cast<size_t>(code)];
  }
  std::vector<size_t> order;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : column.levels[a] < column.levels[b];
  });
  Bins bins;
  bins.kind = BinKind::kLevels;
  for (const size_t i : order) {
    if (bins.levels.size() == settings.max_levels) break;
    bins.levels.push_back(column.levels[i]);
  }
  if (order.size() > settings.max_levels) bins.levels.emplace_back(kOtherLevel);
  return bins;
}

std::vector<uint64_t> CountNumbers(const Bins& bins, std::span<const double> values) {
  std::vector<uint64_t> counts(bins.slots(), 0);
  const Cuts cuts = CutsOf(bins);
  for (const double value : values) ++counts[SlotOf(cuts, bins, value)];
  return counts;
}

std::vector<uint64_t> CountColumn(const Bins& bins, const tabular::Column& column) {
  const bool number = column.type == tabular::ColumnType::kNumber;
  if (number && bins.kind != BinKind::kLevels) return CountNumbers(bins, column.numbers);
  std::vector<uint64_t> counts(bins.slots(), 0);
  std::vector<size_t> slot_of_level(column.levels.size(), bins.unseen());
  if (!number && bins.kind == BinKind::kLevels) {
    for (size_t i = 0; i < slot_of_level.size(); ++i) slot_of_level[i] = SlotOf(bins, column.levels[i]);
  }
  for (size_t row = 0; row < column.size(); ++row) {
    if (column.IsMissing(row)) {
      ++counts[bins.missing()];
    } else {
      ++counts[number ? bins.unseen() : slot_of_level[static_cast<size_t>(column.codes[row])]];
    }
  }
  return counts;
}

std::string SlotLabel(const Bins& bins, size_t slot) {
  if (slot == bins.missing()) return "missing";
  if (slot == bins.below()) return "below";
  if (slot == bins.above()) return "above";
  if (slot == bins.unseen()) return "unseen";
  switch (bins.kind) {
    case BinKind::kRanges:
      if (bins.edges[slot] == bins.edges[slot + 1]) return Short(bins.edges[slot]);
      return Short(bins.edges[slot]) + "–" + Short(bins.edges[slot + 1]);
    case BinKind::kValues: return Short(bins.values[slot]);
    case BinKind::kLevels: return bins.levels[slot];
  }
  CHECK(false, "unknown kind of bins");
}

Json ToJson(const Bins& bins, std::span<const uint64_t> counts) {
  CHECK(counts.size() == bins.slots(), "counts do not fit their bins");
  Json json = {{"kind", KindName(bins.kind)}};
  switch (bins.kind) {
    case BinKind::kRanges: json["edges"] = bins.edges; break;
    case BinKind::kValues: json["values"] = bins.values; break;
    case BinKind::kLevels: json["levels"] = bins.levels; break;
  }
  json["counts"] = std::vector<uint64_t>(counts.begin(), counts.begin() + static_cast<ptrdiff_t>(bins.core()));
  json["missing"] = counts[bins.missing()];
  json["below"] = counts[bins.below()];
  json["above"] = counts[bins.above()];
  json["unseen"] = counts[bins.unseen()];
  return json;
}

Result<CountedBins> BinsFromJson(const Json& json) {
  if (!json.is_object()) return Error(Code::kInvalidArgument, "bins must be an object");
  CountedBins counted;
  const std::string kind = TRY(GetString(json, "kind"));
  if (kind == "ranges") {
    counted.bins.kind = BinKind::kRanges;
    counted.bins.edges = TRY(RisingNumbers(json, "edges"));
    if (counted.bins.edges.size() < 2) return Error(Code::kInvalidArgument, "bins: 'edges' needs two numbers");
  } else if (kind == "values") {
    counted.bins.kind = BinKind::kValues;
    counted.bins.values = TRY(RisingNumbers(json, "values"));
  } else if (kind == "levels") {
    counted.bins.kind = BinKind::kLevels;
    for (const Json& level : *TRY(GetArray(json, "levels"))) {
      if (!level.is_string()) return Error(Code::kInvalidArgument, "bins: 'levels' must hold texts");
      counted.bins.levels.push_back(level.get<std::string>());
    }
  } else {
    return Error(Code::kInvalidArgument, "bins: 'kind' must be ranges, values or levels");
  }
  for (const Json& count : *TRY(GetArray(json, "counts"))) {
    if (!count.is_number_unsigned()) return Error(Code::kInvalidArgument, "bins: 'counts' must hold counts");
    counted.counts.push_back(count.get<uint64_t>());
  }
  if (counted.counts.size() != counted.bins.core()) {
    return Error(Code::kInvalidArgument, "bins: as many 'counts' as bins are needed");
  }
  for (const char* own : {"missing", "below", "above", "unseen"}) {
    const int64_t count = TRY(GetInteger(json, own));
    if (count < 0) return Error(Code::kInvalidArgument, std::string("bins: '") + own + "' must not be negative");
    counted.counts.push_back(static_cast<uint64_t>(count));
  }
  return counted;
}

}  // namespace vigia::baseline
