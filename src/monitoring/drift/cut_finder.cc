#include "drift/cut_finder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace vigia::drift {

namespace {

constexpr size_t kBlock = 512;  // values at once: what is noted of them stays in the nearest cache
constexpr size_t kLanes = 4;    // histograms that are counted into by turns: one would wait for its last addition

// NaN left out, without a branch. Several sums, as an addition would wait for the one before it.
double SumOfNumbers(std::span<const double> values) {
  std::array<double, kLanes> sums{};
  const auto add = [&](size_t lane, double value) {
    const auto present = static_cast<uint64_t>(value == value);
    sums[lane] += std::bit_cast<double>(std::bit_cast<uint64_t>(value) & (uint64_t{0} - present));
  };
  size_t row = 0;
  for (; row + kLanes <= values.size(); row += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) add(lane, values[row + lane]);
  }
  for (; row < values.size(); ++row) add(0, values[row]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

CutFinder::CutFinder(std::vector<double> cuts) : cuts_(std::move(cuts)), count_(cuts_.size()) {
  if (count_ > 0) {
    grid_.low = cuts_.front();
    grid_.cells_per_unit = static_cast<double>(kCells) / (cuts_.back() - grid_.low);
  }
  cuts_.insert(cuts_.end(), 2, std::numeric_limits<double>::infinity());
  if (count_ == 0 || count_ >= std::numeric_limits<uint16_t>::max() || !std::isfinite(grid_.cells_per_unit)) return;
  std::array<size_t, kCells> in_cell{};
  for (size_t i = 0; i < count_; ++i) ++in_cell[grid_.CellOf(cuts_[i])];
  if (*std::max_element(in_cell.begin(), in_cell.end()) > 2) return;
  size_t before = 0;
  for (const size_t here : in_cell) {
    before_.push_back(static_cast<uint16_t>(before));
    decided_.push_back(static_cast<uint16_t>(here == 0 ? before : count_ + 1));
    before += here;
  }
}

double CutFinder::Count(std::span<const double> values, std::span<uint64_t> counts) const {
  std::vector<uint32_t> lanes(kLanes * (count_ + 2), 0);
  std::array<uint16_t, kBlock> open, all;
  std::iota(all.begin(), all.end(), uint16_t{0});
  bool mostly_decided = !before_.empty();
  for (size_t first = 0; first < values.size(); first += kBlock) {
    const auto block = values.subspan(first, std::min(kBlock, values.size() - first));
    if (!mostly_decided) {
      CountOpen(block, lanes, std::span(all).first(block.size()));
      continue;
    }
    const size_t opened = CountDecided(block, lanes, open);
    CountOpen(block, lanes, std::span(open).first(opened));
    mostly_decided = opened < block.size() / 4;  // numbers with few values are all beside cuts
  }
  for (size_t i = 0; i < lanes.size(); ++i) {
    if (const size_t bin = i % (count_ + 2); bin <= count_) counts[bin] += lanes[i];
  }
  return SumOfNumbers(values);
}

// Those whose cell has no cut. The others are noted in `open`; how many.
size_t CutFinder::CountDecided(std::span<const double> values, std::span<uint32_t> counts,
                               std::span<uint16_t> open) const {
  const Grid grid = grid_;
  const uint16_t* const decided = decided_.data();
  uint32_t* const lanes = counts.data();
  const size_t bins = count_ + 2, undecided = count_ + 1;
  size_t opened = 0;
  for (size_t row = 0; row < values.size(); ++row) {
    const size_t bin = decided[grid.CellOf(values[row])];
    ++lanes[row % kLanes * bins + bin];
    open[opened] = static_cast<uint16_t>(row);
    opened += static_cast<size_t>(bin == undecided);
  }
  return opened;
}

void CutFinder::CountOpen(std::span<const double> values, std::span<uint32_t> counts,
                          std::span<const uint16_t> open) const {
  const size_t bins = count_ + 2;
  uint32_t* const lanes = counts.data();
  if (before_.empty()) {
    for (const uint16_t row : open) lanes[Search(values[row])] += static_cast<uint32_t>(values[row] == values[row]);
    return;
  }
  const Grid grid = grid_;
  const uint16_t* const before_cell = before_.data();
  const double* const cuts = cuts_.data();
  for (size_t i = 0; i < open.size(); ++i) {
    const double value = values[open[i]];
    const size_t before = before_cell[grid.CellOf(value)];
    const double* const cut = cuts + before;
    const size_t bin = before + static_cast<size_t>(cut[0] < value) + static_cast<size_t>(cut[1] < value);
    lanes[i % kLanes * bins + bin] += static_cast<uint32_t>(value == value);
  }
}

size_t CutFinder::Search(double value) const {
  const double* first = cuts_.data();
  size_t left = count_;
  while (left > 1) {
    const size_t half = left / 2;
    first += static_cast<size_t>(first[half - 1] < value) * half;
    left -= half;
  }
  const size_t at = static_cast<size_t>(first - cuts_.data());
  return left == 0 ? at : at + static_cast<size_t>(*first < value);
}

}  // namespace vigia::drift
