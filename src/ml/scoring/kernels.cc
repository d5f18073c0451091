#include "scoring/kernels.h"

#include <algorithm>

namespace vigia::scoring {

namespace {

// The heap position that a row reaches `kLevels` below `place`: `x(slot)` is the row's value. The
// comparison becomes the index: no branch. Recursive, so that it is unrolled.
template <uint32_t kLevels, typename Values>
size_t Descend(const PackedTrees::Node* nodes, const Values& x, size_t place) {
  if constexpr (kLevels == 0) {
    return place;
  } else {
    const bool goes_left = x(nodes[place].slot) < nodes[place].threshold;
    return Descend<kLevels - 1>(nodes, x, 2 * place + 2 - static_cast<size_t>(goes_left));
  }
}

template <uint32_t kDepth, typename Values>
float Sum(const ShallowTrees& trees, const Values& x, float sum) {
  constexpr size_t kNodes = (size_t{1} << kDepth) - 1;
  const PackedTrees::Node* nodes = trees.packed.nodes.data();
  const float* leaves = trees.packed.leaves.data();
  for (size_t t = 0; t < trees.trees; ++t, nodes += kNodes, leaves += kNodes + 1) {
    sum += leaves[Descend<kDepth>(nodes, x, 0) - kNodes];
  }
  return sum;
}

template <typename Values>
float SumOfDepth(const ShallowTrees& trees, const Values& x, float sum) {
  switch (trees.depth) {
    case 1: return Sum<1>(trees, x, sum);
    case 2: return Sum<2>(trees, x, sum);
    case 3: return Sum<3>(trees, x, sum);
    case 4: return Sum<4>(trees, x, sum);
    case 5: return Sum<5>(trees, x, sum);
    default: return Sum<kShallow>(trees, x, sum);
  }
}

// `kTogether` walks at once hide each other's loads; each ends at its leaf and stays there.
constexpr size_t kTogether = 8;

uint32_t Step(const DeepNode& node, float x) { return node.left + static_cast<uint32_t>(!(x < node.threshold)); }

}  // namespace

float RowPortable(const ShallowTrees& trees, const float* slots, float sum) {
  return SumOfDepth(
      trees, [slots](size_t slot) { return slots[slot]; }, sum);
}

void BlockPortable(const ShallowTrees& trees, const float* block, float* sums) {
  for (size_t row = 0; row < kBlockRows; ++row) {
    const float* values = block + row;
    sums[row] = SumOfDepth(
        trees, [values](size_t slot) { return values[slot * kBlockRows]; }, sums[row]);
  }
}

float RowDeep(const DeepTrees& trees, const float* slots, float sum) {
  const DeepNode* nodes = trees.nodes.data();
  for (size_t first = 0; first < trees.roots.size(); first += kTogether) {
    const size_t count = std::min(kTogether, trees.roots.size() - first);
    uint32_t at[kTogether] = {};
    uint32_t depth = 0;
    for (size_t t = 0; t < count; ++t) {
      at[t] = trees.roots[first + t];
      depth = std::max(depth, trees.depths[first + t]);
    }
    for (uint32_t level = 0; level < depth; ++level) {
      for (size_t t = 0; t < count; ++t) at[t] = Step(nodes[at[t]], slots[nodes[at[t]].slot]);
    }
    for (size_t t = 0; t < count; ++t) sum += nodes[at[t]].value;
  }
  return sum;
}

void BlockDeep(const DeepTrees& trees, const float* block, float* sums) {
  const DeepNode* nodes = trees.nodes.data();
  for (size_t tree = 0; tree < trees.roots.size(); ++tree) {
    uint32_t at[kBlockRows];
    std::fill_n(at, kBlockRows, trees.roots[tree]);
    for (uint32_t level = 0; level < trees.depths[tree]; ++level) {
      for (size_t row = 0; row < kBlockRows; ++row) {
        const DeepNode& node = nodes[at[row]];
        at[row] = Step(node, block[node.slot * kBlockRows + row]);
      }
    }
    for (size_t row = 0; row < kBlockRows; ++row) sums[row] += nodes[at[row]].value;
  }
}

}  // namespace vigia::scoring
