// AVX2, chosen at run time: the same selection as with AVX-512, eight rows at a time.
#include "scoring/kernels.h"

#ifdef VIGIA_X86_PATHS
#include <immintrin.h>

#define VIGIA_AVX2 __attribute__((target("avx2")))
#define VIGIA_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline

namespace vigia::scoring {

namespace {

constexpr size_t kHalf = kLanes / 2;
constexpr size_t Nodes(uint32_t depth) { return (size_t{1} << depth) - 1; }

// Half the rows of a block, in two registers.
struct Rows {
  __m256 first, second;
};

template <uint32_t kDepth, size_t kNode>
VIGIA_AVX2_INLINE Rows SelectRows(const float* thresholds, const uint16_t* slots, const float* leaves,
                                  const float* block) {
  if constexpr (kNode >= Nodes(kDepth)) {
    const __m256 leaf = _mm256_broadcast_ss(leaves + (kNode - Nodes(kDepth)) * kLanes);
    return {leaf, leaf};
  } else {
    const Rows left = SelectRows<kDepth, 2 * kNode + 1>(thresholds, slots, leaves, block);
    const Rows right = SelectRows<kDepth, 2 * kNode + 2>(thresholds, slots, leaves, block);
    const float* x = block + size_t{slots[kNode * kLanes]} * kBlockRows;
    const __m256 threshold = _mm256_broadcast_ss(thresholds + kNode * kLanes);
    const __m256 first = _mm256_cmp_ps(_mm256_loadu_ps(x), threshold, _CMP_LT_OQ);
    const __m256 second = _mm256_cmp_ps(_mm256_loadu_ps(x + kHalf), threshold, _CMP_LT_OQ);
    return {_mm256_blendv_ps(right.first, left.first, first), _mm256_blendv_ps(right.second, left.second, second)};
  }
}

template <uint32_t kDepth>
VIGIA_AVX2 void Block(const ShallowTrees& trees, const float* block, float* sums) {
  for (size_t row = 0; row < kBlockRows; row += kLanes) {
    __m256 first = _mm256_loadu_ps(sums + row), second = _mm256_loadu_ps(sums + row + kHalf);
    for (size_t t = 0; t < trees.trees; ++t) {
      const size_t group = t / kLanes, lane = t % kLanes;
      const size_t node = group * Nodes(kDepth) * kLanes + lane;
      const float* leaves = trees.leaves.data() + group * (Nodes(kDepth) + 1) * kLanes + lane;
      const Rows leaf =
          SelectRows<kDepth, 0>(trees.thresholds.data() + node, trees.slots.data() + node, leaves, block + row);
      first = _mm256_add_ps(first, leaf.first);
      second = _mm256_add_ps(second, leaf.second);
    }
    _mm256_storeu_ps(sums + row, first);
    _mm256_storeu_ps(sums + row + kHalf, second);
  }
}

}  // namespace

void BlockAvx2(const ShallowTrees& trees, const float* block, float* sums) {
  switch (trees.depth) {
    case 1: return Block<1>(trees, block, sums);
    case 2: return Block<2>(trees, block, sums);
    case 3: return Block<3>(trees, block, sums);
    case 4: return Block<4>(trees, block, sums);
    case 5: return Block<5>(trees, block, sums);
    default: return Block<kShallow>(trees, block, sums);
  }
}

}  // namespace vigia::scoring
#endif
