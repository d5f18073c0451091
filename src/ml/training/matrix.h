// Estimator inputs: rows x width floats, row-major, NaN is missing. A value.
#pragma once

#include <span>
#include <vector>

namespace vigia::training {

struct Matrix {
  size_t rows = 0, width = 0;
  std::vector<float> values;

  std::span<const float> Row(size_t row) const { return std::span(values).subspan(row * width, width); }
  std::span<float> Row(size_t row) { return std::span(values).subspan(row * width, width); }
};

}  // namespace vigia::training
