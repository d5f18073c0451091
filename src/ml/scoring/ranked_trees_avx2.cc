// AVX2 and BMI2, chosen at run time.
#include "scoring/ranked_trees.h"

#ifdef VIGIA_X86_PATHS
#include <immintrin.h>

#include <array>
#include <bit>

#include "scoring/float_key.h"

#define VIGIA_AVX2 __attribute__((target("avx2,bmi2,popcnt")))
#define VIGIA_AVX2_INLINE __attribute__((target("avx2,bmi2,popcnt"), always_inline)) inline

namespace vigia::scoring {

namespace {

// A triple's three outcomes (bit 0 the parent's, 1 and 2 its children's; set: goes left) choose one of four ways.
constexpr unsigned Way(unsigned outcomes) {
  if ((outcomes & 1) != 0) return (outcomes & 2) != 0 ? 0 : 1;
  return (outcomes & 4) != 0 ? 2 : 3;
}

// Of the root's triple: where the outcomes of the triple below begin. And, of that place and its outcomes, the leaf.
struct Ways {
  std::array<uint8_t, 8> shift{};
  std::array<uint8_t, 13 * 8> leaf{};
};
constexpr Ways kWays = [] {
  Ways ways;
  for (unsigned root = 0; root < 8; ++root) {
    const unsigned shift = 3 + 3 * Way(root);
    ways.shift[root] = static_cast<uint8_t>(shift);
    for (unsigned below = 0; below < 8; ++below) {
      ways.leaf[shift * 8 + below] = static_cast<uint8_t>(4 * Way(root) + Way(below));
    }
  }
  return ways;
}();

// Twice the number of a run's keys that are at most `key`.
VIGIA_AVX2_INLINE size_t TwiceAtMost(const int32_t* run, __m256i key) {
  const __m256i first = _mm256_cmpgt_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(run)), key);
  const __m256i second = _mm256_cmpgt_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(run + 8)), key);
  const auto above = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_packs_epi32(first, second)));
  return 2 * RankColumn::kRun - static_cast<size_t>(std::popcount(above));
}

// A value's rank in the column that begins at `keys`, + 128.
VIGIA_AVX2_INLINE uint8_t RankOf(const int32_t* keys, float value) {
  const int32_t is_number = -static_cast<int32_t>(value == value);
  const __m256i key = _mm256_set1_epi32((SignedKeyOf(value) & is_number) | (RankColumn::kMissing & ~is_number));
  const size_t twice_runs = TwiceAtMost(keys, key);
  const int32_t* run = keys + RankColumn::kRun + twice_runs * (RankColumn::kRun / 2);
  return static_cast<uint8_t>(twice_runs * (RankColumn::kRun / 2) + TwiceAtMost(run, key) / 2 + 128);
}

VIGIA_AVX2_INLINE __m128i Load(const uint8_t* bytes) { return _mm_load_si128(reinterpret_cast<const __m128i*>(bytes)); }

// A shuffle gives 0 where bit 7 of its index is set.
template <size_t kRegisters>
VIGIA_AVX2_INLINE __m128i LookUp(const __m128i* ranks, __m128i columns) {
  if constexpr (kRegisters == 1) return _mm_shuffle_epi8(ranks[0], columns);
  const __m128i others = _mm_xor_si128(columns, _mm_set1_epi8(INT8_MIN));
  const __m128i low = _mm_or_si128(_mm_shuffle_epi8(ranks[0], columns), _mm_shuffle_epi8(ranks[1], others));
  if constexpr (kRegisters == 2) return low;
  const __m128i high = _mm_or_si128(_mm_shuffle_epi8(ranks[2], columns), _mm_shuffle_epi8(ranks[3], others));
  return _mm_blendv_epi8(low, high, _mm_add_epi8(columns, columns));  // by bit 6
}

template <size_t kRegisters>
VIGIA_AVX2 float SumRow(std::span<const RankedTree> trees, const uint8_t* ranks, float sum) {
  __m128i registers[4] = {};
  for (size_t i = 0; i < kRegisters; ++i) registers[i] = Load(ranks + 16 * i);
  for (const RankedTree& tree : trees) {
    const __m128i x = _mm_sub_epi8(LookUp<kRegisters>(registers, Load(tree.columns)), Load(tree.rights));
    const auto left = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpgt_epi8(Load(tree.thresholds), x)));
    const size_t shift = kWays.shift[left & 7];
    sum += tree.leaves[kWays.leaf[shift * 8 + (left >> shift & 7)]];
  }
  return sum;
}

// All ones where a row goes left at `node`.
VIGIA_AVX2_INLINE __m256i GoesLeft(const RankedTree& tree, const RankedTreeOfBlock& of_block, size_t node,
                                   const uint8_t* ranks) {
  const __m256i x = _mm256_load_si256(reinterpret_cast<const __m256i*>(ranks + of_block.offsets[node]));
  return _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(tree.thresholds[node])), x);
}

// The leaf that each row reaches, as a byte, when its way leads to triple kTriple (1 to 4).
template <size_t kTriple>
VIGIA_AVX2_INLINE __m256i LeafBelow(const RankedTree& tree, const RankedTreeOfBlock& of_block, const uint8_t* ranks) {
  constexpr size_t kParent = 3 * kTriple;
  constexpr auto kFirst = static_cast<char>(4 * (kTriple - 1));
  const __m256i left = _mm256_add_epi8(GoesLeft(tree, of_block, kParent + 1, ranks), _mm256_set1_epi8(kFirst + 1));
  const __m256i right = _mm256_add_epi8(GoesLeft(tree, of_block, kParent + 2, ranks), _mm256_set1_epi8(kFirst + 3));
  return _mm256_blendv_epi8(right, left, GoesLeft(tree, of_block, kParent, ranks));
}

VIGIA_AVX2_INLINE __m256i LeafOf(const RankedTree& tree, const RankedTreeOfBlock& of_block, const uint8_t* ranks) {
  const __m256i left = _mm256_blendv_epi8(LeafBelow<2>(tree, of_block, ranks), LeafBelow<1>(tree, of_block, ranks),
                                          GoesLeft(tree, of_block, 1, ranks));
  const __m256i right = _mm256_blendv_epi8(LeafBelow<4>(tree, of_block, ranks), LeafBelow<3>(tree, of_block, ranks),
                                           GoesLeft(tree, of_block, 2, ranks));
  return _mm256_blendv_epi8(right, left, GoesLeft(tree, of_block, 0, ranks));
}

VIGIA_AVX2_INLINE __m256i BytesOf(const uint8_t* plane, __m256i leaf) {
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(Load(plane)), leaf);
}

// Rows 0 to 3 and 16 to 19, then 4 to 7 and 20 to 23, and so on: as bytes become floats without crossing lanes.
struct Sums {
  __m256 part[4];
};

VIGIA_AVX2_INLINE void AddLeaves(const RankedTreeOfBlock& of_block, __m256i leaf, Sums& sums) {
  const __m256i byte0 = BytesOf(of_block.planes[0], leaf), byte1 = BytesOf(of_block.planes[1], leaf);
  const __m256i byte2 = BytesOf(of_block.planes[2], leaf), byte3 = BytesOf(of_block.planes[3], leaf);
  const __m256i low0 = _mm256_unpacklo_epi8(byte0, byte1), low1 = _mm256_unpackhi_epi8(byte0, byte1);
  const __m256i high0 = _mm256_unpacklo_epi8(byte2, byte3), high1 = _mm256_unpackhi_epi8(byte2, byte3);
  sums.part[0] = _mm256_add_ps(sums.part[0], _mm256_castsi256_ps(_mm256_unpacklo_epi16(low0, high0)));
  sums.part[1] = _mm256_add_ps(sums.part[1], _mm256_castsi256_ps(_mm256_unpackhi_epi16(low0, high0)));
  sums.part[2] = _mm256_add_ps(sums.part[2], _mm256_castsi256_ps(_mm256_unpacklo_epi16(low1, high1)));
  sums.part[3] = _mm256_add_ps(sums.part[3], _mm256_castsi256_ps(_mm256_unpackhi_epi16(low1, high1)));
}

VIGIA_AVX2_INLINE void StoreHalves(__m256 part, float* first, float* second) {
  _mm_storeu_ps(first, _mm256_castps256_ps128(part));
  _mm_storeu_ps(second, _mm256_extractf128_ps(part, 1));
}

}  // namespace

VIGIA_AVX2 void RankRow(std::span<const RankColumn> columns, const int32_t* keys, const float* row, uint8_t* ranks) {
  for (const RankColumn& column : columns) *ranks++ = RankOf(keys + column.first, row[column.feature]);
}

VIGIA_AVX2 void RankValues(const int32_t* keys, const float* values, size_t stride, size_t count, uint8_t* ranks) {
  for (size_t i = 0; i < count; ++i) ranks[i] = RankOf(keys, values[i * stride]);
}

float SumRankedRow(std::span<const RankedTree> trees, const uint8_t* ranks, size_t registers, float sum) {
  if (registers == 1) return SumRow<1>(trees, ranks, sum);
  if (registers == 2) return SumRow<2>(trees, ranks, sum);
  return SumRow<4>(trees, ranks, sum);
}

VIGIA_AVX2 void SumRankedBlock(std::span<const RankedTree> trees, std::span<const RankedTreeOfBlock> of_block,
                               const uint8_t* ranks, float* sums) {
  constexpr size_t kHalf = RankedTrees::kBlock / 2;
  Sums parts;
  for (size_t i = 0; i < 4; ++i) {
    parts.part[i] = _mm256_set_m128(_mm_loadu_ps(sums + 4 * i + kHalf), _mm_loadu_ps(sums + 4 * i));
  }
  for (size_t t = 0; t < trees.size(); ++t) AddLeaves(of_block[t], LeafOf(trees[t], of_block[t], ranks), parts);
  for (size_t i = 0; i < 4; ++i) StoreHalves(parts.part[i], sums + 4 * i, sums + 4 * i + kHalf);
}

}  // namespace vigia::scoring
#endif
