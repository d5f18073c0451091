// What the values of a record mean: the features of one model version. A segment carries every
// schema that its records use, so that it can be read without the registry.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigia::inference {

enum class ValueType { kNumber, kCategory };

// Privacy: kBins keeps only the bin that a number fell into. A category is its own bin.
enum class ValueDetail { kExact, kBins };

struct FeatureColumn {
  std::string name;
  ValueType type = ValueType::kNumber;
  std::vector<std::string> levels;  // kCategory: level of each code
  std::vector<double> bin_edges;    // kNumber under kBins: at least 2, strictly rising, finite

  bool operator==(const FeatureColumn&) const = default;
};

struct RecordSchema {
  std::string model_version;
  ValueDetail detail = ValueDetail::kExact;
  std::vector<FeatureColumn> features;  // in the order of Record::features

  bool operator==(const RecordSchema&) const = default;
};

inline constexpr size_t kMaxFeatures = 4096;

// What a category's code is when training never saw the value (the value itself is not kept).
inline constexpr double kUnseenCode = -1.0;

// kInvalidArgument: empty or repeated names, too many features, bad edges, a number without edges under kBins.
Status CheckSchema(const RecordSchema& schema);

std::string SchemaToText(const RecordSchema& schema);  // one line of JSON
Result<RecordSchema> SchemaFromText(std::string_view text);

// Bin 0 is below the first edge, bin edges.size() is above the last; bin i between is [e(i−1), e(i)),
// and the last of those is closed, as in numpy.histogram. Missing (NaN) is kMissingBin.
inline constexpr int16_t kMissingBin = -1;
int16_t BinOf(double value, const std::vector<double>& edges);
// A value inside the bin: the middle, or half a neighbour's width outside the edges. NaN for kMissingBin.
// REQUIRES: −1 <= bin <= edges.size().
double BinMiddle(int16_t bin, const std::vector<double>& edges);

}  // namespace vigia::inference
