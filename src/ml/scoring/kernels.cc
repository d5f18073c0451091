#include "scoring/kernels.h"

#include <algorithm>
#include <utility>

namespace vigia::scoring {

namespace {

// Walks interleaved level by level hide each other's latency; one after the other, a few of them
// would fill the processor's queue.
constexpr size_t kInterleaved = 8;

// `x(slot)` is the row's value. The comparison becomes the index: no branch.
template <typename Values>
[[gnu::always_inline]] inline size_t Below(const PackedTrees::Node* nodes, size_t place, const Values& x) {
  return 2 * place + 2 - static_cast<size_t>(x(nodes[place].slot) < nodes[place].threshold);
}

template <uint32_t kDepth, typename Values, size_t... kTree>
[[gnu::always_inline]] inline float SumTogether(const PackedTrees::Node* nodes, const float* leaves, const Values& x,
                                                float sum, std::index_sequence<kTree...>) {
  constexpr size_t kNodes = (size_t{1} << kDepth) - 1;
  size_t place[] = {(kTree * 0)...};
  for (uint32_t level = 0; level < kDepth; ++level) {
    ((place[kTree] = Below(nodes + kTree * kNodes, place[kTree], x)), ...);
  }
  ((sum += leaves[kTree * (kNodes + 1) + place[kTree] - kNodes]), ...);
  return sum;
}

template <uint32_t kDepth, typename Values>
float Sum(const ShallowTrees& trees, const Values& x, float sum) {
  constexpr size_t kNodes = (size_t{1} << kDepth) - 1;
  const PackedTrees::Node* nodes = trees.packed.nodes.data();
  const float* leaves = trees.packed.leaves.data();
  size_t t = 0;
  for (; t + kInterleaved <= trees.trees; t += kInterleaved) {
    sum = SumTogether<kDepth>(nodes + t * kNodes, leaves + t * (kNodes + 1), x, sum,
                              std::make_index_sequence<kInterleaved>());
  }
  for (; t < trees.trees; ++t) {
    sum = SumTogether<kDepth>(nodes + t * kNodes, leaves + t * (kNodes + 1), x, sum, std::make_index_sequence<1>());
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

// One step of each walk; a walk that has reached its leaf stays there.
template <typename Values>
[[gnu::always_inline]] inline uint32_t Next(const DeepNode* nodes, uint32_t at, const Values& x) {
  return nodes[at].left + static_cast<uint32_t>(!(x(nodes[at].slot) < nodes[at].threshold));
}

template <size_t... kWalk>
[[gnu::always_inline]] inline float SumDeepTrees(const DeepTrees& trees, size_t first, const float* slots, float sum,
                                                 std::index_sequence<kWalk...>) {
  const DeepNode* nodes = trees.nodes.data();
  const auto x = [slots](size_t slot) { return slots[slot]; };
  uint32_t at[] = {trees.roots[first + kWalk]...};
  const uint32_t depth = std::max({trees.depths[first + kWalk]...});
  for (uint32_t level = 0; level < depth; ++level) ((at[kWalk] = Next(nodes, at[kWalk], x)), ...);
  ((sum += nodes[at[kWalk]].value), ...);
  return sum;
}

// One tree, as many rows as walks; `block` and `sums` begin at the first of them.
template <size_t... kWalk>
[[gnu::always_inline]] inline void AddDeepTree(const DeepTrees& trees, size_t tree, const float* block, float* sums,
                                               std::index_sequence<kWalk...>) {
  const DeepNode* nodes = trees.nodes.data();
  uint32_t at[] = {(trees.roots[tree] + uint32_t{kWalk * 0})...};
  for (uint32_t level = 0; level < trees.depths[tree]; ++level) {
    ((at[kWalk] = Next(nodes, at[kWalk], [block](size_t slot) { return block[slot * kBlockRows + kWalk]; })), ...);
  }
  ((sums[kWalk] += nodes[at[kWalk]].value), ...);
}

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
  size_t t = 0;
  for (; t + kInterleaved <= trees.roots.size(); t += kInterleaved) {
    sum = SumDeepTrees(trees, t, slots, sum, std::make_index_sequence<kInterleaved>());
  }
  for (; t < trees.roots.size(); ++t) sum = SumDeepTrees(trees, t, slots, sum, std::make_index_sequence<1>());
  return sum;
}

void BlockDeep(const DeepTrees& trees, const float* block, float* sums) {
  static_assert(kBlockRows % kInterleaved == 0);
  for (size_t row = 0; row < kBlockRows; row += kInterleaved) {
    for (size_t tree = 0; tree < trees.roots.size(); ++tree) {
      AddDeepTree(trees, tree, block + row, sums + row, std::make_index_sequence<kInterleaved>());
    }
  }
}

}  // namespace vigia::scoring
