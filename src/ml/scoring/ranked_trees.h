// Trees of at most four levels, compiled to compare bytes: sixteen nodes in one instruction. Internal to scoring.
//
// A split asks only where a value stands among the forest's thresholds of that feature. So each value is ranked first:
// rank = 1 + thresholds ≤ x, and 0 when missing. `x < threshold j` is then `rank < j + 2`. A missing value is below
// every threshold; where it goes right, one is subtracted on both sides, and 0 wraps around to the top. Ranks and
// thresholds are stored + 128: the instruction compares signed bytes.
//
// The margins are those of FlatForest, bit for bit. REQUIRES: a processor with AVX2 and BMI2.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "scoring/forest.h"
#include "scoring/instructions.h"

#ifdef VIGIA_X86_PATHS

namespace vigia::scoring {

// A feature's thresholds, or some of them, as ascending signed keys (float_key.h) after one that is below every
// number's, filled up with the highest, which no number has. They are in runs of sixteen; before them, the last key
// of each run: two times sixteen comparisons find a rank.
struct RankColumn {
  static constexpr size_t kRun = 16;
  static constexpr size_t kMostThresholds = 254;  // the ranks of a column are bytes
  static constexpr int32_t kMissing = INT32_MIN, kLowest = INT32_MIN + 1, kHighest = INT32_MAX;
  uint16_t feature = 0;
  uint32_t first = 0;  // of its keys, among all columns'
};

// One tree. Its nodes are in triples, a parent with its left and right child: first the root's, then, left to right,
// those of the four nodes below. Shorter branches are filled up with nodes that compare nothing.
struct RankedTree {
  static constexpr size_t kNodes = 15, kLeaves = 16;
  alignas(16) uint8_t columns[16] = {};  // column / 16 in bits 7 (low) and 6 (high), column % 16 in bits 3 to 0
  alignas(16) uint8_t rights[16] = {};   // 1: a missing value goes right
  alignas(16) uint8_t thresholds[16] = {};
  float leaves[kLeaves] = {};
};

// The same tree as a block of rows reads it.
struct RankedTreeOfBlock {
  uint16_t offsets[16] = {};                                // of a node's ranks in the block, bytes
  alignas(16) uint8_t planes[4][RankedTree::kLeaves] = {};  // byte b of every leaf
};

// Immutable after construction; thread-safe.
class RankedTrees {
 public:
  static constexpr size_t kBlock = 32;  // rows scored together
  static constexpr size_t kMaxColumns = 64;

  // Nothing when a tree is deeper, or the splits need more than kMaxColumns columns.
  static std::optional<RankedTrees> Compile(const Forest& forest);

  // inputs: rows × the forest's width. Allocates nothing.
  void Margins(std::span<const float> inputs, std::span<float> margins) const;

 private:
  class Builder;

  // ranks: kBlock bytes a column, then the same less one. Rows beyond `rows` count as missing.
  void RankBlock(const float* inputs, size_t rows, uint8_t* ranks) const;

  size_t width_ = 0;
  float base_margin_ = 0;
  std::vector<RankColumn> columns_;
  std::vector<int32_t> keys_;  // of all columns
  std::vector<RankedTree> trees_;
  std::vector<RankedTreeOfBlock> of_block_;
};

// The inner loops. Ranks of one row, a byte a column; of `count` values in one column, which are `stride` floats apart.
void RankRow(std::span<const RankColumn> columns, const int32_t* keys, const float* row, uint8_t* ranks);
void RankValues(const int32_t* keys, const float* values, size_t stride, size_t count, uint8_t* ranks);
// `ranks`: of 16 · registers columns, 1, 2 or 4 registers; `sum` plus the leaves, one by one in order.
float SumRankedRow(std::span<const RankedTree> trees, const uint8_t* ranks, size_t registers, float sum);
// `sums`: kBlock.
void SumRankedBlock(std::span<const RankedTree> trees, std::span<const RankedTreeOfBlock> of_block,
                    const uint8_t* ranks, float* sums);

}  // namespace vigia::scoring
#endif
