// A forest compiled for speed. Every row's margin is the float sum that XGBoost makes: the base
// margin, then the leaves in the order of the trees, bit for bit, whichever path computes it.
//
// A split asks `x < threshold`; a missing value goes the split's default way. Both become one
// comparison over slots: one value per (feature, default way) pair that the forest uses, where a
// missing value with default left is −∞ and stays NaN, which is not below anything, otherwise.
//
// Trees up to kShallow levels are padded to perfect ones and stored sixteen side by side, level by
// level, so that a step is an index computation (or a vector comparison) and no branch. Deeper ones
// are lists of nodes in which a leaf is its own child.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scoring/forest.h"

namespace vigia::scoring {

inline constexpr uint32_t kShallow = 6;
inline constexpr size_t kLanes = 16;  // trees side by side, rows of a block

// Which instructions to use. kBest: what the processor has.
enum class Path { kPortable, kAvx2, kAvx512, kBest };
bool IsSupported(Path path);

// Consecutive trees of one padded depth d: node n (heap order, 2^d − 1 of them) or leaf n (2^d) of
// tree t is at [(t / 16 · nodes + n) · 16 + t % 16].
struct ShallowTrees {
  uint32_t depth = 1;
  size_t trees = 0;
  std::vector<float> thresholds;
  std::vector<uint16_t> slots;
  std::vector<float> leaves;
};

struct DeepNode {
  float threshold = 0;  // leaf: +∞, with the slot that always holds 0
  uint32_t slot = 0;
  uint32_t left = 0;  // right is left + 1; a leaf's is itself
  float value = 0;    // leaf
};

struct DeepTrees {
  std::vector<uint32_t> roots;
  std::vector<uint32_t> depths;
  std::vector<DeepNode> nodes;
};

// Immutable after construction; thread-safe.
class FlatForest {
 public:
  explicit FlatForest(const Forest& forest, Path path = Path::kBest);

  size_t width() const { return width_; }
  // inputs: rows × width. Does not allocate for fewer than sixteen rows.
  void Margins(std::span<const float> inputs, std::span<float> margins) const;

 private:
  struct Slot {
    uint16_t feature;
    bool missing_is_low;
  };
  // A run of trees, in order: a shallow one or a deep one.
  struct Run {
    bool is_deep;
    size_t index;
  };
  class Builder;

  void FillSlots(const float* row, float* slots) const;
  // slots × 16, rows beyond `rows` are zero.
  void FillBlock(const float* inputs, size_t rows, float* block) const;
  float RowMargin(const float* slots) const;
  void BlockMargins(const float* block, float* margins) const;

  size_t width_;
  float base_margin_;
  Path path_;
  std::vector<Slot> slots_;  // and one more that holds 0
  std::vector<Run> runs_;
  std::vector<ShallowTrees> shallow_;
  std::vector<DeepTrees> deep_;
};

}  // namespace vigia::scoring
