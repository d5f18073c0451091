// Computes estimator inputs from raw values: the one code path of training and serving.
#pragma once

#include <array>
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

  // The same for kBlock rows at once. raw: raw_width() columns of kBlock values each; years: kBlock of
  // them, or none; inputs: row-major, kBlock × input_width().
  static constexpr size_t kBlock = 16;
  void ComputeBlock(std::span<const double> raw, std::span<const int> years, std::span<float> inputs) const;

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
  // A value for each of some rows, and what composites take of the values that are not missing.
  template <size_t kRows>
  using Values = std::array<double, kRows>;
  template <size_t kRows>
  struct Summary {
    Values<kRows> count{}, mean{}, min{}, max{}, deviation{};
  };

  Status AddOp(const DerivedFeature& input);
  // The one code path: of one row, and of a block. raw: raw_width() columns of kRows values each.
  template <size_t kRows>
  void ComputeRows(const double* raw, const Values<kRows>& years, float* inputs) const;
  template <size_t kRows>
  Values<kRows> ValuesOf(const Op& op, const double* raw, const Values<kRows>& years) const;
  template <size_t kRows>
  Values<kRows> Clipped(const double* raw, uint16_t index) const;
  template <size_t kRows>
  Summary<kRows> Summarise(const double* raw, const Op& op) const;

  FeatureSpec spec_;
  std::vector<Op> ops_;
  std::vector<uint16_t> operands_;
  std::vector<Range> ranges_;  // one per raw feature
};

}  // namespace vigia::features
