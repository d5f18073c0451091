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

  struct Split {
    size_t column, threshold;
  };

  bool MakeColumns(const Forest& forest) {
    std::map<uint32_t, std::set<int32_t>> keys_of;
    for (const Tree& tree : forest.trees) {
      for (const TreeNode& node : tree.nodes) {
        if (!node.is_leaf()) keys_of[node.feature].insert(SignedKeyOf(node.value));
      }
    }
    for (const auto& [feature, keys] : keys_of) {
      const std::vector<int32_t> ascending(keys.begin(), keys.end());
      for (size_t i = 0; i < ascending.size(); i += RankColumn::kMostThresholds) {
        const size_t count = std::min(RankColumn::kMostThresholds, ascending.size() - i);
        AddColumn(feature, std::span(ascending).subspan(i, count));
      }
    }
    return out_.columns_.size() <= kMaxColumns;
  }

  void AddColumn(uint32_t feature, std::span<const int32_t> thresholds) {
    constexpr size_t kRun = RankColumn::kRun;
    std::vector<int32_t>& keys = out_.keys_;
    const size_t first = keys.size(), runs = (thresholds.size() + 1) / kRun + 1;  // the last key is always the highest
    keys.resize(first + kRun + runs * kRun, RankColumn::kHighest);
    const auto column = std::span(keys).subspan(first);
    column[kRun] = RankColumn::kLowest;
    std::copy(thresholds.begin(), thresholds.end(), column.begin() + kRun + 1);
    for (size_t run = 0; run < runs; ++run) column[run] = column[kRun + run * kRun + kRun - 1];
    for (size_t i = 0; i < thresholds.size(); ++i) split_of_[{feature, thresholds[i]}] = {out_.columns_.size(), i};
    out_.columns_.push_back({static_cast<uint16_t>(feature), static_cast<uint32_t>(first)});
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
      SetNode(place, split_of_.at({from.feature, SignedKeyOf(from.value)}), !from.default_left);
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
    const size_t column = split.column + right * out_.columns_.size();
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
  std::map<std::pair<uint32_t, int32_t>, Split> split_of_;  // of a feature and a threshold's key
};

std::optional<RankedTrees> RankedTrees::Compile(const Forest& forest) {
  RankedTrees trees;
  trees.width_ = forest.width;
  trees.base_margin_ = forest.base_margin;
  if (!Builder(trees).Add(forest)) return std::nullopt;
  return trees;
}

void RankedTrees::RankBlock(const float* inputs, size_t rows, uint8_t* ranks) const {
  const size_t less_one = columns_.size() * kBlock;
  for (const RankColumn& column : columns_) {
    std::fill_n(ranks, kBlock, kBias);
    RankValues(keys_.data() + column.first, inputs + column.feature, width_, rows, ranks);
    for (size_t row = 0; row < kBlock; ++row) ranks[less_one + row] = static_cast<uint8_t>(ranks[row] - 1);
    ranks += kBlock;
  }
}

void RankedTrees::Margins(std::span<const float> inputs, std::span<float> margins) const {
  CHECK(inputs.size() == margins.size() * width_, "inputs of the wrong width");
  alignas(64) uint8_t ranks[2 * kMaxColumns * kBlock];
  std::fill_n(ranks, kMaxColumns, uint8_t{0});  // a row's registers may be more than its columns
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
  const size_t registers = columns_.size() <= 16 ? 1 : columns_.size() <= 32 ? 2 : 4;
  for (; row < margins.size(); ++row) {
    RankRow(columns_, keys_.data(), inputs.data() + row * width_, ranks);
    margins[row] = SumRankedRow(trees_, ranks, registers, base_margin_);
  }
}

}  // namespace vigia::scoring
#endif
