// Bins that are fixed on the baseline: what a later window is counted into.
//
// A histogram has one slot per core bin, in order, and then four slots of its own, in this order:
// missing, below the baseline's range, above it, and unseen (a level or a discrete value that the
// baseline does not have). So a value never falls outside of the histogram.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "tabular/table.h"

namespace vigia::baseline {

enum class BinKind {
  kRanges,  // numbers: bin i is (edges[i], edges[i+1]], and the first also holds edges[0]
  kValues,  // numbers with few distinct values: one bin per value
  kLevels,  // categories: one bin per level
};

struct BinSettings {
  size_t quantile_bins = 10;
  size_t min_rows_per_bin = 20;  // a small baseline gets fewer quantile bins
  size_t max_values = 20;        // up to this many distinct numbers: one bin per value
  size_t max_levels = 50;        // the rarest levels beyond this share one bin, kOtherLevel
};

// Holds what is not among the named levels, when a category has very many.
inline constexpr std::string_view kOtherLevel = "__other__";

struct Bins {
  BinKind kind = BinKind::kValues;
  std::vector<double> edges;        // kRanges: rising (the first two may be equal: the minimum alone)
  std::vector<double> values;       // kValues: rising
  std::vector<std::string> levels;  // kLevels; kOtherLevel, if present, is the last

  size_t core() const;
  size_t missing() const { return core(); }
  size_t below() const { return core() + 1; }
  size_t above() const { return core() + 2; }
  size_t unseen() const { return core() + 3; }
  size_t slots() const { return core() + 4; }

  bool operator==(const Bins&) const = default;
};

// The same for numbers, ready for counting: a value in (cuts[i-1], cuts[i]] belongs to slot[i].
// Ends and discrete values have a tolerance of 1e-6 of their size, so that a value that went
// through single precision is still itself.
struct Cuts {
  std::vector<double> cuts;     // strictly rising
  std::vector<uint32_t> slots;  // cuts.size() + 1; the last is for what is above all cuts
};

// REQUIRES: kRanges or kValues.
Cuts CutsOf(const Bins& bins);
// NaN is missing.
size_t SlotOf(const Cuts& cuts, const Bins& bins, double value);
// REQUIRES: kLevels.
size_t SlotOf(const Bins& bins, std::string_view level);

// NaNs are left out. Bins of no value at all are kValues without a value.
Bins BinNumbers(std::span<const double> values, const BinSettings& settings);
// REQUIRES: a category. Levels by falling count, then by name.
Bins BinLevels(const tabular::Column& column, const BinSettings& settings);

std::vector<uint64_t> CountNumbers(const Bins& bins, std::span<const double> values);
// The column may be of the other type than the bins: what cannot be placed is unseen.
std::vector<uint64_t> CountColumn(const Bins& bins, const tabular::Column& column);

// A short name for people: "3.1–4.5", "7", "Menina".
std::string SlotLabel(const Bins& bins, size_t slot);

// {"kind","edges"|"values"|"levels","counts","missing","below","above","unseen"}
Json ToJson(const Bins& bins, std::span<const uint64_t> counts);
struct CountedBins {
  Bins bins;
  std::vector<uint64_t> counts;
};
Result<CountedBins> BinsFromJson(const Json& json);

}  // namespace vigia::baseline
