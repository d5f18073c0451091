// Between which cuts a number lies, in a few instructions without a branch that depends on the number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vigia::drift {

// The range of the cuts in equal cells, and for each how many cuts lie in earlier ones: what is left is to compare
// with the cuts of the number's own cell, at most two. Cuts that lie closer are searched by halves. Immutable.
class CutFinder {
 public:
  // REQUIRES: strictly rising, finite.
  explicit CutFinder(std::vector<double> cuts);

  size_t cuts() const { return count_; }
  // How many cuts are below the value; 0 for NaN.
  size_t Below(double value) const { return before_.empty() ? Search(value) : BelowByCell(value); }

  // Below() of each value; cuts() + 1 for NaN. REQUIRES: fewer than 65,535 cuts.
  void Find(std::span<const double> values, std::span<uint16_t> codes) const;

 private:
  static constexpr size_t kCells = 1024;

  // The same rounding for cuts and values, and never falling as the value rises: so a cut in an earlier cell is below.
  struct Grid {
    double low = 0, cells_per_unit = 0;
    double first_cell = 0, last_cell = kCells - 1;  // not constants, which compilers make branches of
    size_t CellOf(double value) const {
      double cell = (value - low) * cells_per_unit;
      cell = cell > first_cell ? cell : first_cell;  // and NaN
      cell = cell < last_cell ? cell : last_cell;
      return static_cast<size_t>(static_cast<int32_t>(cell));
    }
  };
  size_t BelowByCell(double value) const {
    const size_t before = before_[grid_.CellOf(value)];
    const double* cut = cuts_.data() + before;
    return before + static_cast<size_t>(cut[0] < value) + static_cast<size_t>(cut[1] < value);
  }
  size_t Search(double value) const;

  std::vector<double> cuts_;  // and two that nothing is above
  size_t count_;
  Grid grid_;
  std::vector<uint16_t> before_;  // by cell; empty: some cell has more than two cuts, or there are none
};

}  // namespace vigia::drift
