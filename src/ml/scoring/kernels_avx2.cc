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

template <uint32_t kDepth, size_t kNode>
VIGIA_AVX2_INLINE __m256 SelectRows(const float* thresholds, const uint16_t* slots, const float* leaves,
                                    const float* block) {
  if constexpr (kNode >= Nodes(kDepth)) {
    return _mm256_broadcast_ss(leaves + (kNode - Nodes(kDepth)) * kLanes);
  } else {
    const __m256 x = _mm256_loadu_ps(block + size_t{slots[kNode * kLanes]} * kLanes);
    const __m256 goes_left = _mm256_cmp_ps(x, _mm256_broadcast_ss(thresholds + kNode * kLanes), _CMP_LT_OQ);
    const __m256 left = SelectRows<kDepth, 2 * kNode + 1>(thresholds, slots, leaves, block);
    const __m256 right = SelectRows<kDepth, 2 * kNode + 2>(thresholds, slots, leaves, block);
    return _mm256_blendv_ps(right, left, goes_left);
  }
}

template <uint32_t kDepth>
VIGIA_AVX2 void Block(const ShallowTrees& trees, const float* block, float* sums) {
  __m256 low = _mm256_loadu_ps(sums), high = _mm256_loadu_ps(sums + kHalf);
  for (size_t t = 0; t < trees.trees; ++t) {
    const size_t group = t / kLanes, lane = t % kLanes;
    const size_t node = group * Nodes(kDepth) * kLanes + lane;
    const float* thresholds = trees.thresholds.data() + node;
    const uint16_t* slots = trees.slots.data() + node;
    const float* leaves = trees.leaves.data() + group * (Nodes(kDepth) + 1) * kLanes + lane;
    low = _mm256_add_ps(low, SelectRows<kDepth, 0>(thresholds, slots, leaves, block));
    high = _mm256_add_ps(high, SelectRows<kDepth, 0>(thresholds, slots, leaves, block + kHalf));
  }
  _mm256_storeu_ps(sums, low);
  _mm256_storeu_ps(sums + kHalf, high);
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
