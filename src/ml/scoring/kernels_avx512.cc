// AVX-512F, chosen at run time. All nodes of a tree are compared, and its leaves selected from the
// bottom up: more comparisons than a walk, but no gather, which costs more than all of them.
#include "scoring/kernels.h"

#ifdef VIGIA_X86_PATHS
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12's own header starts some intrinsics from an uninitialised register, on purpose.
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include <algorithm>

#define VIGIA_AVX512 __attribute__((target("avx512f")))
#define VIGIA_AVX512_INLINE __attribute__((target("avx512f"), always_inline)) inline

namespace vigia::scoring {

namespace {

constexpr size_t Nodes(uint32_t depth) { return (size_t{1} << depth) - 1; }

// The rows of a block, in two registers.
struct Rows {
  __m512 first, second;
};

// One tree: the leaves at and below heap position kNode that the rows reach. A node is compared after
// its children are selected, so that few masks are alive at once.
template <uint32_t kDepth, size_t kNode>
VIGIA_AVX512_INLINE Rows SelectRows(const float* thresholds, const uint16_t* slots, const float* leaves,
                                    const float* block) {
  if constexpr (kNode >= Nodes(kDepth)) {
    const __m512 leaf = _mm512_set1_ps(leaves[(kNode - Nodes(kDepth)) * kLanes]);
    return {leaf, leaf};
  } else {
    const Rows left = SelectRows<kDepth, 2 * kNode + 1>(thresholds, slots, leaves, block);
    const Rows right = SelectRows<kDepth, 2 * kNode + 2>(thresholds, slots, leaves, block);
    const float* x = block + size_t{slots[kNode * kLanes]} * kBlockRows;
    const __m512 threshold = _mm512_set1_ps(thresholds[kNode * kLanes]);
    const __mmask16 first = _mm512_cmp_ps_mask(_mm512_loadu_ps(x), threshold, _CMP_LT_OQ);
    const __mmask16 second = _mm512_cmp_ps_mask(_mm512_loadu_ps(x + kLanes), threshold, _CMP_LT_OQ);
    return {_mm512_mask_blend_ps(first, right.first, left.first),
            _mm512_mask_blend_ps(second, right.second, left.second)};
  }
}

template <uint32_t kDepth>
VIGIA_AVX512 void Block(const ShallowTrees& trees, const float* block, float* sums) {
  __m512 first = _mm512_loadu_ps(sums), second = _mm512_loadu_ps(sums + kLanes);
  for (size_t t = 0; t < trees.trees; ++t) {
    const size_t group = t / kLanes, lane = t % kLanes;
    const size_t node = group * Nodes(kDepth) * kLanes + lane;
    const float* leaves = trees.leaves.data() + group * (Nodes(kDepth) + 1) * kLanes + lane;
    const Rows leaf = SelectRows<kDepth, 0>(trees.thresholds.data() + node, trees.slots.data() + node, leaves, block);
    first = _mm512_add_ps(first, leaf.first);
    second = _mm512_add_ps(second, leaf.second);
  }
  _mm512_storeu_ps(sums, first);
  _mm512_storeu_ps(sums + kLanes, second);
}

// One row's keys (see RowKeys in trees.h), in registers: kRegisters × 16 of them.
template <size_t kRegisters>
struct Row {
  __m512i keys[kRegisters];
};

VIGIA_AVX512_INLINE __m512i KeysOf(const float* inputs, size_t width, size_t first) {
  const size_t count = width > first ? std::min(width - first, kLanes) : 0;
  const auto present = static_cast<__mmask16>((1U << count) - 1);
  // + 0 makes −0 the same as 0, which it is in a comparison.
  const __m512 x = _mm512_add_ps(_mm512_maskz_loadu_ps(present, inputs + (count > 0 ? first : 0)), _mm512_setzero_ps());
  const __m512i bits = _mm512_castps_si512(x);
  const __m512i flip = _mm512_or_si512(_mm512_srai_epi32(bits, 31), _mm512_set1_epi32(INT32_MIN));
  const __m512i keys = _mm512_xor_si512(bits, flip);
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const auto offset = static_cast<int>(RowKeys::kMissing + first);
  return _mm512_mask_add_epi32(keys, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), lanes, _mm512_set1_epi32(offset));
}

template <size_t kRegisters>
VIGIA_AVX512_INLINE __m512i LookUp(const Row<kRegisters>& row, __m512i codes) {
  const __m512i low = _mm512_permutex2var_epi32(row.keys[0], codes, row.keys[1]);
  if constexpr (kRegisters == 2) {
    return low;
  } else {
    const __mmask16 is_high = _mm512_test_epi32_mask(codes, _mm512_set1_epi32(2 * kLanes));
    return _mm512_mask_blend_epi32(is_high, low, _mm512_permutex2var_epi32(row.keys[2], codes, row.keys[3]));
  }
}

// Sixteen trees, one row.
template <uint32_t kDepth, size_t kNode, size_t kRegisters>
VIGIA_AVX512_INLINE __m512 SelectTrees(const uint32_t* thresholds, const uint8_t* codes, const float* leaves,
                                       const Row<kRegisters>& row) {
  if constexpr (kNode >= Nodes(kDepth)) {
    return _mm512_loadu_ps(leaves + (kNode - Nodes(kDepth)) * kLanes);
  } else {
    const __m512 left = SelectTrees<kDepth, 2 * kNode + 1>(thresholds, codes, leaves, row);
    const __m512 right = SelectTrees<kDepth, 2 * kNode + 2>(thresholds, codes, leaves, row);
    const __m128i packed = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + kNode * kLanes));
    const __m512i code = _mm512_cvtepu8_epi32(packed);
    const __m512i x = _mm512_sub_epi32(LookUp(row, code), code);
    const __mmask16 goes_left = _mm512_cmplt_epu32_mask(x, _mm512_loadu_si512(thresholds + kNode * kLanes));
    return _mm512_mask_blend_ps(goes_left, right, left);
  }
}

template <uint32_t kDepth, size_t kRegisters>
VIGIA_AVX512 float OneRow(const ShallowTrees& trees, const float* inputs, size_t width, float sum) {
  Row<kRegisters> row;
  for (size_t i = 0; i < kRegisters; ++i) row.keys[i] = KeysOf(inputs, width, i * kLanes);
  for (size_t first = 0, group = 0; first < trees.trees; first += kLanes, ++group) {
    const size_t node = group * Nodes(kDepth) * kLanes;
    const float* leaves = trees.leaves.data() + group * (Nodes(kDepth) + 1) * kLanes;
    alignas(64) float reached[kLanes];
    _mm512_store_ps(reached, SelectTrees<kDepth, 0>(trees.keys.thresholds.data() + node, trees.keys.codes.data() + node,
                                                    leaves, row));
    const size_t lanes = std::min(kLanes, trees.trees - first);
    if (lanes == kLanes) {
      for (const float leaf : reached) sum += leaf;
    } else {
      for (size_t t = 0; t < lanes; ++t) sum += reached[t];
    }
  }
  return sum;
}

template <size_t kRegisters>
float OneRowOfDepth(const ShallowTrees& trees, const float* inputs, size_t width, float sum) {
  switch (trees.depth) {
    case 1: return OneRow<1, kRegisters>(trees, inputs, width, sum);
    case 2: return OneRow<2, kRegisters>(trees, inputs, width, sum);
    case 3: return OneRow<3, kRegisters>(trees, inputs, width, sum);
    case 4: return OneRow<4, kRegisters>(trees, inputs, width, sum);
    case 5: return OneRow<5, kRegisters>(trees, inputs, width, sum);
    default: return OneRow<kShallow, kRegisters>(trees, inputs, width, sum);
  }
}

}  // namespace

float RowAvx512(const ShallowTrees& trees, const float* inputs, size_t width, float sum) {
  if (width <= 2 * kLanes) return OneRowOfDepth<2>(trees, inputs, width, sum);
  return OneRowOfDepth<4>(trees, inputs, width, sum);
}

VIGIA_AVX512 void FillAvx512(const float* column, size_t width, float missing, float* out) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i offsets = _mm512_mullo_epi32(lanes, _mm512_set1_epi32(static_cast<int>(width)));
  for (size_t row = 0; row < kBlockRows; row += kLanes) {
    const __m512 x = _mm512_i32gather_ps(offsets, column + row * width, sizeof(float));
    const __mmask16 is_missing = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    _mm512_storeu_ps(out + row, _mm512_mask_blend_ps(is_missing, x, _mm512_set1_ps(missing)));
  }
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
