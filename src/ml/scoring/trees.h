// A forest compiled for speed. Every row's margin is the float sum that XGBoost makes: the base
// margin, then the leaves in the order of the trees, bit for bit, whichever path computes it.
//
// A split asks `x < threshold`; a missing value goes the split's default way. Both become one
// comparison over slots: one value per (feature, default way) pair that the forest uses, where a
// missing value with default left is −∞ and stays NaN, which is not below anything, otherwise.
//
// Trees up to kShallow levels are padded to perfect ones and stored sixteen side by side, level by
// level, so that a step is an index computation (or a vector comparison) and no branch. Deeper ones
// are lists of nodes in which a leaf is its own child. With AVX2 and no AVX-512, forests of no more than four levels
// are compiled otherwise: ranked_trees.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scoring/forest.h"
#include "scoring/ranked_trees.h"

namespace vigia::scoring {

inline constexpr uint32_t kShallow = 6;
inline constexpr size_t kLanes = 16;      // trees side by side
inline constexpr size_t kBlockRows = 32;  // rows scored together in a batch

// Which instructions to use. kBest: what the processor has.
enum class Path { kPortable, kAvx2, kAvx512, kBest };
bool IsSupported(Path path);

// The same comparison on integers, for one row against sixteen trees, when there are at most 64
// features: no slots to fill, and half the registers. A float becomes an unsigned key of the same
// order; feature f, when missing, has key f + 32, below every other. A node of feature f has code f,
// or f + 64 when a missing value goes right, and compares (key − code) with (threshold's key − code):
// order is kept, but f + 32 − (f + 64) wraps around to the top.
struct RowKeys {
  static constexpr size_t kMaxFeatures = 64;
  static constexpr uint32_t kMissing = 32;
  static constexpr uint32_t kRight = 64;
  std::vector<uint32_t> thresholds;  // where ShallowTrees has its own
  std::vector<uint8_t> codes;
};

// Tree by tree, for one row at a time without AVX-512: node n of tree t is at t · (2^d − 1) + n, its
// leaf n at t · 2^d + n.
struct PackedTrees {
  struct Node {
    float threshold = 0;
    uint32_t slot = 0;
  };
  std::vector<Node> nodes;
  std::vector<float> leaves;
};

// Consecutive trees of one padded depth d: node n (heap order, 2^d − 1 of them) or leaf n (2^d) of
// tree t is at [(t / 16 · nodes + n) · 16 + t % 16].
struct ShallowTrees {
  uint32_t depth = 1;
  size_t trees = 0;
  std::vector<float> thresholds;
  std::vector<uint16_t> slots;
  std::vector<float> leaves;
  // One of the two, for single rows.
  RowKeys keys;
  PackedTrees packed;
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
  // inputs: rows × width. Does not allocate for a few rows.
  void Margins(std::span<const float> inputs, std::span<float> margins) const;

 private:
  struct Slot {
    uint16_t feature;
    float missing;  // what a missing value becomes: −∞ or NaN
  };
  // A run of trees, in order: a shallow one or a deep one.
  struct Run {
    bool is_deep;
    size_t index;
  };
  class Builder;

  void FillSlots(const float* row, float* slots) const;
  // slots × kBlockRows; rows beyond `rows` are zero.
  void FillBlock(const float* inputs, size_t rows, float* block) const;
  // `slots` are the row's, filled if needs_slots_.
  float RowMargin(const float* row, const float* slots) const;
  void BlockMargins(const float* block, float* margins) const;

  size_t width_;
  float base_margin_;
  Path path_;
  bool uses_keys_, needs_slots_;
  std::vector<Slot> slots_;  // and one more that holds 0
  std::vector<Run> runs_;
  std::vector<ShallowTrees> shallow_;
  std::vector<DeepTrees> deep_;
#ifdef VIGIA_X86_PATHS
  std::optional<RankedTrees> ranked_;  // if so, all that is above is empty
#endif
};

}  // namespace vigia::scoring
