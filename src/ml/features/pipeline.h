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
  // Error when an input names a raw feature that is not there, or an operation does not fit its type.
  static Result<Pipeline> Compile(const FeatureSpec& spec);

  size_t raw_width() const;
  size_t input_width() const;
  const FeatureSpec& spec() const { return spec_; }

  // raw.size() == raw_width(), inputs.size() == input_width(). `year` is the year that the row
  // describes; 0 means the spec's reference year. Does not allocate.
  void Compute(std::span<const double> raw, int year, std::span<float> inputs) const;

  // Raw rows of a table, row-major, rows × raw_width. Absent columns are missing; category levels
  // are translated to the spec's codes. Error when a column has the wrong type.
  Result<std::vector<double>> RawRows(const tabular::Table& table) const;
  // The year of each row: the table's column "ano", or the reference year.
  std::vector<int> Years(const tabular::Table& table) const;

  // The raw features that flow into input i, for folding contributions back onto them.
  std::span<const uint16_t> RawOfInput(size_t input) const;

 private:
  struct Op {
    Operation operation;
    std::vector<uint16_t> raw;
    double level_code = 0, low = 0, high = 0;
  };

  FeatureSpec spec_;
  std::vector<Op> ops_;
};

}  // namespace vigia::features
