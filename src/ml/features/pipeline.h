// Computes estimator inputs from raw values: the one code path of training and serving.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "features/spec.h"
#include "tabular/table.h"

namespace vigia::features {

// A raw row: one double per spec.raw, in its order. NaN is missing; a category is its level's code,
// or kUnseenLevel for a value that training never saw.
inline constexpr double kUnseenLevel = -1.0;

// Immutable after construction; thread-safe.
class Pipeline {
 public:
  // Error when an input names a raw feature that is not there, an operation does not fit its type or
  // its number of inputs, or a range is not one (not finite, beyond ±1e30, minimum above maximum).
  static Result<Pipeline> Compile(const FeatureSpec& spec);

  size_t raw_width() const { return ranges_.size(); }
  size_t input_width() const { return ops_.size(); }
  const FeatureSpec& spec() const { return spec_; }

  // raw.size() == raw_width(), inputs.size() == input_width(). `year` is the year that the row
  // describes; 0 means the spec's reference year. Does not allocate.
  void Compute(std::span<const double> raw, int year, std::span<float> inputs) const;

  // Raw rows of a table, row-major, rows × raw_width. Absent columns are missing; category levels
  // are translated to the spec's codes. Error when a column has the wrong type (a column without
  // any value has none).
  Result<std::vector<double>> RawRows(const tabular::Table& table) const;
  // The year of each row: the table's column "ano", or the reference year.
  std::vector<int> Years(const tabular::Table& table) const;

  // The raw features that flow into input i, for folding contributions back onto them.
  std::span<const uint16_t> RawOfInput(size_t input) const {
    return {operands_.data() + ops_[input].first, ops_[input].count};
  }

 private:
  struct Op {
    Operation operation;
    uint16_t first = 0, count = 0;         // its raw features, in operands_
    uint16_t group = 0;                    // composites over the same raw features share one
    double level_code = 0;                 // kOneHot
    double impute = 0, low = 0, high = 0;  // impute NaN: stays missing
  };
  struct Range {
    double low, high;
  };
  // Of the values that are not missing.
  struct Summary {
    size_t count = 0;
    double mean = 0, min = 0, max = 0, deviation = 0;
  };

  Status AddOp(const DerivedFeature& input);
  double Clipped(std::span<const double> raw, uint16_t index) const;
  Summary Summarise(std::span<const double> raw, const Op& op) const;
  static double Composite(Operation operation, const Summary& summary);

  FeatureSpec spec_;
  std::vector<Op> ops_;
  std::vector<uint16_t> operands_;
  std::vector<Range> ranges_;  // one per raw feature
};

}  // namespace vigia::features
