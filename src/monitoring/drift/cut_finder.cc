#include "drift/cut_finder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace vigia::drift {

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
    before += here;
  }
}

void CutFinder::Find(std::span<const double> values, std::span<uint16_t> codes) const {
  const auto absent = static_cast<uint16_t>(count_ + 1);
  const auto find = [&](const auto& below) {
    for (size_t i = 0; i < values.size(); ++i) {
      const auto found = static_cast<uint16_t>(below(values[i]));
      codes[i] = values[i] == values[i] ? found : absent;
    }
  };
  if (before_.empty()) {
    find([this](double value) { return Search(value); });
  } else {
    find([this](double value) { return BelowByCell(value); });
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
