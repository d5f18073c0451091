// AVX-512F, chosen at run time. All nodes of a tree are compared, and its leaves selected from the
// bottom up: more comparisons than a walk, but no gather, which costs more than all of them.
#include "scoring/kernels.h"

#ifdef VIGIA_X86_PATHS
#include <immintrin.h>

#include <algorithm>

#define VIGIA_AVX512 __attribute__((target("avx512f")))
#define VIGIA_AVX512_INLINE __attribute__((target("avx512f"), always_inline)) inline

namespace vigia::scoring {

namespace {

constexpr size_t Nodes(uint32_t depth) { return (size_t{1} << depth) - 1; }

// Sixteen rows, one tree: the leaves at and below heap position kNode that the rows reach.
template <uint32_t kDepth, size_t kNode>
VIGIA_AVX512_INLINE __m512 SelectRows(const float* thresholds, const uint16_t* slots, const float* leaves,
                                      const float* block) {
  if constexpr (kNode >= Nodes(kDepth)) {
    return _mm512_set1_ps(leaves[(kNode - Nodes(kDepth)) * kLanes]);
  } else {
    const __m512 x = _mm512_loadu_ps(block + size_t{slots[kNode * kLanes]} * kLanes);
    const __mmask16 goes_left = _mm512_cmp_ps_mask(x, _mm512_set1_ps(thresholds[kNode * kLanes]), _CMP_LT_OQ);
    const __m512 left = SelectRows<kDepth, 2 * kNode + 1>(thresholds, slots, leaves, block);
    const __m512 right = SelectRows<kDepth, 2 * kNode + 2>(thresholds, slots, leaves, block);
    return _mm512_mask_blend_ps(goes_left, right, left);
  }
}

template <uint32_t kDepth>
VIGIA_AVX512 void Block(const ShallowTrees& trees, const float* block, float* sums) {
  __m512 sum = _mm512_loadu_ps(sums);
  for (size_t t = 0; t < trees.trees; ++t) {
    const size_t group = t / kLanes, lane = t % kLanes;
    const size_t node = group * Nodes(kDepth) * kLanes + lane;
    const float* leaves = trees.leaves.data() + group * (Nodes(kDepth) + 1) * kLanes + lane;
    const __m512 leaf = SelectRows<kDepth, 0>(trees.thresholds.data() + node, trees.slots.data() + node, leaves, block);
    sum = _mm512_add_ps(sum, leaf);
  }
  _mm512_storeu_ps(sums, sum);
}

// One row's slots, in registers: kRegisters × 16 of them.
template <size_t kRegisters>
struct Row {
  __m512 values[kRegisters];
};

template <size_t kRegisters>
VIGIA_AVX512_INLINE __m512 LookUp(const Row<kRegisters>& row, __m512i slots) {
  if constexpr (kRegisters == 1) {
    return _mm512_permutexvar_ps(slots, row.values[0]);
  } else if constexpr (kRegisters == 2) {
    return _mm512_permutex2var_ps(row.values[0], slots, row.values[1]);
  } else {
    const __mmask16 is_high = _mm512_test_epi32_mask(slots, _mm512_set1_epi32(32));
    const __m512 low = _mm512_permutex2var_ps(row.values[0], slots, row.values[1]);
    const __m512 high = _mm512_permutex2var_ps(row.values[2], slots, row.values[3]);
    return _mm512_mask_blend_ps(is_high, low, high);
  }
}

// Sixteen trees, one row.
template <uint32_t kDepth, size_t kNode, size_t kRegisters>
VIGIA_AVX512_INLINE __m512 SelectTrees(const float* thresholds, const uint16_t* slots, const float* leaves,
                                       const Row<kRegisters>& row) {
  if constexpr (kNode >= Nodes(kDepth)) {
    return _mm512_loadu_ps(leaves + (kNode - Nodes(kDepth)) * kLanes);
  } else {
    const __m256i packed = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(slots + kNode * kLanes));
    const __m512 x = LookUp(row, _mm512_cvtepu16_epi32(packed));
    const __mmask16 goes_left = _mm512_cmp_ps_mask(x, _mm512_loadu_ps(thresholds + kNode * kLanes), _CMP_LT_OQ);
    const __m512 left = SelectTrees<kDepth, 2 * kNode + 1>(thresholds, slots, leaves, row);
    const __m512 right = SelectTrees<kDepth, 2 * kNode + 2>(thresholds, slots, leaves, row);
    return _mm512_mask_blend_ps(goes_left, right, left);
  }
}

template <uint32_t kDepth, size_t kRegisters>
VIGIA_AVX512 float OneRow(const ShallowTrees& trees, const float* slots, float sum) {
  Row<kRegisters> row;
  for (size_t i = 0; i < kRegisters; ++i) row.values[i] = _mm512_loadu_ps(slots + i * kLanes);
  for (size_t first = 0, group = 0; first < trees.trees; first += kLanes, ++group) {
    const size_t node = group * Nodes(kDepth) * kLanes;
    const float* leaves = trees.leaves.data() + group * (Nodes(kDepth) + 1) * kLanes;
    alignas(64) float reached[kLanes];
    _mm512_store_ps(reached,
                    SelectTrees<kDepth, 0>(trees.thresholds.data() + node, trees.slots.data() + node, leaves, row));
    const size_t lanes = std::min(kLanes, trees.trees - first);
    for (size_t t = 0; t < lanes; ++t) sum += reached[t];
  }
  return sum;
}

template <size_t kRegisters>
float OneRowOfDepth(const ShallowTrees& trees, const float* slots, float sum) {
  switch (trees.depth) {
    case 1: return OneRow<1, kRegisters>(trees, slots, sum);
    case 2: return OneRow<2, kRegisters>(trees, slots, sum);
    case 3: return OneRow<3, kRegisters>(trees, slots, sum);
    case 4: return OneRow<4, kRegisters>(trees, slots, sum);
    case 5: return OneRow<5, kRegisters>(trees, slots, sum);
    default: return OneRow<kShallow, kRegisters>(trees, slots, sum);
  }
}

}  // namespace

float RowAvx512(const ShallowTrees& trees, const float* slots, size_t slot_count, float sum) {
  if (slot_count <= kLanes) return OneRowOfDepth<1>(trees, slots, sum);
  if (slot_count <= 2 * kLanes) return OneRowOfDepth<2>(trees, slots, sum);
  if (slot_count <= 4 * kLanes) return OneRowOfDepth<4>(trees, slots, sum);
  return RowPortable(trees, slots, sum);
}

void BlockAvx512(const ShallowTrees& trees, const float* block, float* sums) {
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
