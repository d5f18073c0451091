#include "drift/code_counter.h"

#include <algorithm>

namespace vigia::drift {

namespace {
constexpr size_t kLanes = 4;  // histograms that are counted into by turns: one would wait for its last addition
}

CodeCounter::CodeCounter(const std::vector<size_t>& codes) : begins_{0} {
  for (const size_t count : codes) begins_.push_back(begins_.back() + count);
  counts_.assign(begins_.back(), 0);
}

void CodeCounter::Count(std::span<const std::span<const uint16_t>> columns, std::span<double> result) {
  std::fill(result.begin(), result.end(), 0.0);
  const size_t width = counts_.size();
  std::vector<uint32_t> lanes(kLanes * width, 0);
  for (size_t c = 0; c < columns.size(); ++c) {
    uint32_t* const counts = lanes.data() + begins_[c];
    for (size_t row = 0; row < columns[c].size(); ++row) ++counts[row % kLanes * width + columns[c][row]];
  }
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < lanes.size(); ++i) counts_[i % width] += lanes[i];
}

}  // namespace vigia::drift
