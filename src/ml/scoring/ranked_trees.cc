#include "scoring/ranked_trees.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "base/result.h"
#include "scoring/float_key.h"

#ifdef VIGIA_X86_PATHS

namespace vigia::scoring {

namespace {

constexpr size_t kSmallestBlock = 10;  // fewer rows are scored one by one
constexpr uint8_t kBias = 128;

// Below the key of every number, and of every column's first: so its rank is 0.
uint32_t KeyOrMissing(float value) { return KeyOf(value) & -static_cast<uint32_t>(value == value); }
constexpr uint32_t kLeastKey = 1;

// The rank of each walk's key: how many of its column's `size` keys are at most that. Walks side by side hide each
// other's latency; the columns of consecutive walks are `stride` apart.
template <size_t... kWalk>
[[gnu::always_inline]] inline void Rank(const uint32_t* column, size_t stride, size_t size, const uint32_t* keys,
                                        uint8_t* ranks, std::index_sequence<kWalk...>) {
  size_t at[] = {(kWalk * 0)...};
  for (size_t half = size / 2; half > 0; half /= 2) {
    ((at[kWalk] = column[kWalk * stride + at[kWalk] + half - 1] <= keys[kWalk] ? at[kWalk] + half : at[kWalk]), ...);
  }
  ((ranks[kWalk] = static_cast<uint8_t>(at[kWalk] + kBias)), ...);
}

constexpr auto kWalks = std::make_index_sequence<RankColumns::kGroup>();

}  // namespace

class RankedTrees::Builder {
 public:
  explicit Builder(RankedTrees& out) : out_(out) {}

  bool Add(const Forest& forest) {
    if (!MakeColumns(forest)) return false;
    for (const Tree& tree : forest.trees) {
      if (tree.depth > kDepth) return false;
      out_.trees_.emplace_back();
      out_.of_block_.emplace_back();
      Place(tree, 0, 0, 0);
      SplitLeaves();
    }
    return true;
  }

 private:
  static constexpr uint32_t kDepth = 4;

  struct Column {
    uint16_t feature;
    std::vector<uint32_t> keys;
  };
  struct Split {
    size_t column, threshold;
  };

  bool MakeColumns(const Forest& forest) {
    std::map<uint32_t, std::set<uint32_t>> keys_of;
    for (const Tree& tree : forest.trees) {
      for (const TreeNode& node : tree.nodes) {
        if (!node.is_leaf()) keys_of[node.feature].insert(KeyOf(node.value));
      }
    }
    std::vector<Column> columns;
    for (const auto& [feature, keys] : keys_of) {
      size_t i = 0;
      for (const uint32_t key : keys) {
        if (i++ % RankColumns::kMostThresholds == 0) columns.push_back({static_cast<uint16_t>(feature), {}});
        columns.back().keys.push_back(key);
      }
    }
    if (columns.size() > RankColumns::kMax) return false;
    std::stable_sort(columns.begin(), columns.end(),
                     [](const Column& a, const Column& b) { return a.keys.size() > b.keys.size(); });
    for (size_t c = 0; c < columns.size(); ++c) AddColumn(columns[c], c);
    return true;
  }

  void AddColumn(const Column& column, size_t c) {
    RankColumns& to = out_.columns_;
    if (c % RankColumns::kGroup == 0) {
      RankColumns::Group& group = to.groups.emplace_back();
      group.first = static_cast<uint32_t>(to.keys.size());
      while (group.size <= column.keys.size() + 1) group.size *= 2;  // the first is the longest
      to.keys.resize(to.keys.size() + RankColumns::kGroup * group.size, UINT32_MAX);
    }
    RankColumns::Group& group = to.groups.back();
    const size_t lane = c % RankColumns::kGroup;
    group.features[lane] = column.feature;
    to.keys[group.first + lane * group.size] = kLeastKey;
    for (size_t i = 0; i < column.keys.size(); ++i) {
      to.keys[group.first + lane * group.size + 1 + i] = column.keys[i];
      split_of_[{column.feature, column.keys[i]}] = {c, i};
    }
  }

  // Where a heap's `index`th node of `level` is in a tree's triples.
  static size_t PlaceOf(uint32_t level, size_t index) {
    if (level < 2) return level + index;
    return level == 2 ? 3 + 3 * index : 3 + 3 * (index / 2) + 1 + index % 2;
  }

  // `node`, or the leaf that stands above its place, is the `index`th of its level.
  void Place(const Tree& tree, uint32_t node, uint32_t level, size_t index) {
    const TreeNode& from = tree.nodes[node];
    if (level == kDepth) {
      out_.trees_.back().leaves[index] = from.value;
      return;
    }
    const size_t place = PlaceOf(level, index);
    if (from.is_leaf()) {
      SetNode(place, {0, 0}, false);
    } else {
      SetNode(place, split_of_.at({from.feature, KeyOf(from.value)}), !from.default_left);
    }
    Place(tree, from.is_leaf() ? node : from.left, level + 1, 2 * index);
    Place(tree, from.is_leaf() ? node : from.right, level + 1, 2 * index + 1);
  }

  void SetNode(size_t place, Split split, bool missing_goes_right) {
    RankedTree& tree = out_.trees_.back();
    const size_t right = missing_goes_right ? 1 : 0, lane = split.column / 16;
    tree.columns[place] = static_cast<uint8_t>(split.column % 16 | (lane & 1) << 7 | (lane >> 1) << 6);
    tree.rights[place] = static_cast<uint8_t>(right);
    tree.thresholds[place] = static_cast<uint8_t>(split.threshold + 2 - right + kBias);
    const size_t column = split.column + right * out_.columns_.groups.size() * RankColumns::kGroup;
    out_.of_block_.back().offsets[place] = static_cast<uint16_t>(column * kBlock);
  }

  void SplitLeaves() {
    uint8_t bytes[RankedTree::kLeaves][sizeof(float)];
    std::memcpy(bytes, out_.trees_.back().leaves, sizeof bytes);
    for (size_t leaf = 0; leaf < RankedTree::kLeaves; ++leaf) {
      for (size_t b = 0; b < sizeof(float); ++b) out_.of_block_.back().planes[b][leaf] = bytes[leaf][b];
    }
  }

  RankedTrees& out_;
  std::map<std::pair<uint32_t, uint32_t>, Split> split_of_;  // of a feature and a threshold's key
};

std::optional<RankedTrees> RankedTrees::Compile(const Forest& forest) {
  RankedTrees trees;
  trees.width_ = forest.width;
  trees.base_margin_ = forest.base_margin;
  if (!Builder(trees).Add(forest)) return std::nullopt;
  return trees;
}

void RankedTrees::RankRow(const float* row, uint8_t* ranks) const {
  for (const RankColumns::Group& group : columns_.groups) {
    uint32_t keys[RankColumns::kGroup];
    for (size_t i = 0; i < RankColumns::kGroup; ++i) keys[i] = KeyOrMissing(row[group.features[i]]);
    Rank(columns_.keys.data() + group.first, group.size, group.size, keys, ranks, kWalks);
    ranks += RankColumns::kGroup;
  }
}

void RankedTrees::RankBlock(const float* inputs, size_t rows, uint8_t* ranks) const {
  const size_t less_one = columns_.groups.size() * RankColumns::kGroup * kBlock;
  for (const RankColumns::Group& group : columns_.groups) {
    for (size_t i = 0; i < RankColumns::kGroup; ++i, ranks += kBlock) {
      const uint32_t* column = columns_.keys.data() + group.first + i * group.size;
      uint32_t keys[kBlock] = {};
      for (size_t row = 0; row < rows; ++row) keys[row] = KeyOrMissing(inputs[row * width_ + group.features[i]]);
      for (size_t row = 0; row < kBlock; row += RankColumns::kGroup) {
        Rank(column, 0, group.size, keys + row, ranks + row, kWalks);
      }
      for (size_t row = 0; row < kBlock; ++row) ranks[less_one + row] = static_cast<uint8_t>(ranks[row] - 1);
    }
  }
}

void RankedTrees::Margins(std::span<const float> inputs, std::span<float> margins) const {
  CHECK(inputs.size() == margins.size() * width_, "inputs of the wrong width");
  alignas(64) uint8_t ranks[2 * RankColumns::kMax * kBlock];
  std::fill_n(ranks, RankColumns::kMax, uint8_t{0});  // a row's registers may be more than its columns
  size_t row = 0;
  while (margins.size() - row >= kSmallestBlock) {
    const size_t count = std::min(kBlock, margins.size() - row);
    float sums[kBlock];
    std::fill_n(sums, kBlock, base_margin_);
    RankBlock(inputs.data() + row * width_, count, ranks);
    SumRankedBlock(trees_, of_block_, ranks, sums);
    std::copy_n(sums, count, margins.data() + row);
    row += count;
  }
  const size_t columns = columns_.groups.size() * RankColumns::kGroup;
  const size_t registers = columns <= 16 ? 1 : columns <= 32 ? 2 : 4;
  for (; row < margins.size(); ++row) {
    RankRow(inputs.data() + row * width_, ranks);
    margins[row] = SumRankedRow(trees_, ranks, registers, base_margin_);
  }
}

}  // namespace vigia::scoring
#endif
