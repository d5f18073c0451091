#include "scoring/trees.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "base/result.h"
#include "scoring/float_key.h"
#include "scoring/kernels.h"

namespace vigia::scoring {

namespace {

// Forests no deeper than this are one run of trees of one padded depth.
constexpr uint32_t kUniform = 4;
// Fewer rows than this are scored one by one.
constexpr size_t kSmallestBlock = 12;
constexpr size_t kSlotLimit = 2 * kMaxWidth + 1;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Path Best() {
  if (IsSupported(Path::kAvx512)) return Path::kAvx512;
  if (IsSupported(Path::kAvx2)) return Path::kAvx2;
  return Path::kPortable;
}

// Bit operations instead of a branch, which missing values would make unpredictable.
float SlotValue(float x, float missing) {
  const uint32_t is_missing = -static_cast<uint32_t>(x != x);
  return std::bit_cast<float>((std::bit_cast<uint32_t>(x) & ~is_missing) |
                              (std::bit_cast<uint32_t>(missing) & is_missing));
}

}  // namespace

bool IsSupported(Path path) {
  switch (path) {
    case Path::kPortable:
    case Path::kBest: return true;
#ifdef VIGIA_X86_PATHS
    case Path::kAvx2:
      return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
             __builtin_cpu_supports("popcnt") != 0;
    case Path::kAvx512: return __builtin_cpu_supports("avx512f") != 0;
#else
    case Path::kAvx2:
    case Path::kAvx512: return false;
#endif
  }
  return false;
}

class FlatForest::Builder {
 public:
  explicit Builder(FlatForest& forest) : forest_(forest) {}

  void Add(const Forest& source) {
    uint32_t deepest = 0;
    for (const Tree& tree : source.trees) {
      deepest = std::max(deepest, tree.depth);
      for (const TreeNode& node : tree.nodes) {
        if (!node.is_leaf()) SlotOf(node);
      }
    }
    const uint32_t least = std::clamp<uint32_t>(deepest, 1, kUniform);
    for (const Tree& tree : source.trees) {
      if (tree.depth > kShallow) {
        AddDeep(tree);
      } else {
        AddShallow(tree, std::max(tree.depth, least));
      }
    }
  }

 private:
  uint16_t SlotOf(const TreeNode& node) {
    const auto key = std::make_pair(node.feature, node.default_left);
    const auto [found, is_new] = slot_of_.emplace(key, static_cast<uint16_t>(forest_.slots_.size()));
    if (is_new) {
      const float missing = node.default_left ? -kInfinity : std::numeric_limits<float>::quiet_NaN();
      forest_.slots_.push_back({static_cast<uint16_t>(node.feature), missing});
    }
    return found->second;
  }
  // Holds 0 in every row: what padding and leaves compare.
  uint16_t ZeroSlot() const { return static_cast<uint16_t>(forest_.slots_.size()); }

  void AddShallow(const Tree& tree, uint32_t depth) {
    const bool continues = !forest_.runs_.empty() && !forest_.runs_.back().is_deep &&
                           forest_.shallow_[forest_.runs_.back().index].depth == depth;
    if (!continues) {
      forest_.runs_.push_back({false, forest_.shallow_.size()});
      forest_.shallow_.emplace_back();
      forest_.shallow_.back().depth = depth;
    }
    ShallowTrees& trees = forest_.shallow_.back();
    const size_t nodes = (size_t{1} << depth) - 1;
    if (trees.trees % kLanes == 0) {
      trees.thresholds.resize(trees.thresholds.size() + nodes * kLanes, 0.F);
      trees.slots.resize(trees.slots.size() + nodes * kLanes, ZeroSlot());
      trees.leaves.resize(trees.leaves.size() + (nodes + 1) * kLanes, 0.F);
      if (forest_.uses_keys_) {
        trees.keys.thresholds.resize(trees.thresholds.size(), 0);
        trees.keys.codes.resize(trees.thresholds.size(), 0);
      }
    }
    if (!forest_.uses_keys_) {
      trees.packed.nodes.resize(trees.packed.nodes.size() + nodes, {0, ZeroSlot()});
      trees.packed.leaves.resize(trees.packed.leaves.size() + nodes + 1, 0.F);
    }
    Pad(tree, 0, trees, 0);
    ++trees.trees;
  }

  // `node` of the tree, or the leaf that stands above its place, goes to heap position `place`.
  void Pad(const Tree& tree, uint32_t node, ShallowTrees& trees, size_t place) {
    const size_t nodes = (size_t{1} << trees.depth) - 1;
    const size_t group = trees.trees / kLanes, lane = trees.trees % kLanes;
    const TreeNode& from = tree.nodes[node];
    if (place >= nodes) {
      trees.leaves[(group * (nodes + 1) + place - nodes) * kLanes + lane] = from.value;
      if (!forest_.uses_keys_) trees.packed.leaves[trees.trees * (nodes + 1) + place - nodes] = from.value;
      return;
    }
    if (!from.is_leaf()) {
      const size_t at = (group * nodes + place) * kLanes + lane;
      trees.thresholds[at] = from.value;
      trees.slots[at] = SlotOf(from);
      if (forest_.uses_keys_) {
        const uint32_t code = from.feature + (from.default_left ? 0 : RowKeys::kRight);
        trees.keys.codes[at] = static_cast<uint8_t>(code);
        trees.keys.thresholds[at] = KeyOf(from.value) - code;
      } else {
        trees.packed.nodes[trees.trees * nodes + place] = {from.value, SlotOf(from)};
      }
    }
    Pad(tree, from.is_leaf() ? node : from.left, trees, 2 * place + 1);
    Pad(tree, from.is_leaf() ? node : from.right, trees, 2 * place + 2);
  }

  void AddDeep(const Tree& tree) {
    if (forest_.runs_.empty() || !forest_.runs_.back().is_deep) {
      forest_.runs_.push_back({true, forest_.deep_.size()});
      forest_.deep_.emplace_back();
    }
    DeepTrees& trees = forest_.deep_.back();
    const auto root = static_cast<uint32_t>(trees.nodes.size());
    trees.roots.push_back(root);
    trees.depths.push_back(tree.depth);
    for (size_t i = 0; i < tree.nodes.size(); ++i) {
      const TreeNode& from = tree.nodes[i];
      if (from.is_leaf()) {
        trees.nodes.push_back({kInfinity, ZeroSlot(), root + static_cast<uint32_t>(i), from.value});
      } else {
        trees.nodes.push_back({from.value, SlotOf(from), root + from.left, 0});
      }
    }
  }

  FlatForest& forest_;
  std::map<std::pair<uint32_t, bool>, uint16_t> slot_of_;
};

FlatForest::FlatForest(const Forest& forest, Path path)
    : width_(forest.width),
      base_margin_(forest.base_margin),
      path_(path == Path::kBest ? Best() : path),
      uses_keys_(path_ == Path::kAvx512 && width_ <= RowKeys::kMaxFeatures),
      needs_slots_(false) {
  CHECK(forest.width <= kMaxWidth, "a forest wider than the reader lets through");
  CHECK(IsSupported(path_), "an instruction set that this processor lacks");
#ifdef VIGIA_X86_PATHS
  if (path_ == Path::kAvx2) ranked_ = RankedTrees::Compile(forest);
  if (ranked_) return;
#endif
  Builder(*this).Add(forest);
  needs_slots_ = !uses_keys_ || !deep_.empty();
}

void FlatForest::FillSlots(const float* row, float* slots) const {
  for (size_t s = 0; s < slots_.size(); ++s) slots[s] = SlotValue(row[slots_[s].feature], slots_[s].missing);
  slots[slots_.size()] = 0;
}

void FlatForest::FillBlock(const float* inputs, size_t rows, float* block) const {
  std::fill_n(block + slots_.size() * kBlockRows, kBlockRows, 0.F);
#ifdef VIGIA_X86_PATHS
  if (path_ == Path::kAvx512 && rows == kBlockRows) {
    for (size_t s = 0; s < slots_.size(); ++s) {
      FillAvx512(inputs + slots_[s].feature, width_, slots_[s].missing, block + s * kBlockRows);
    }
    return;
  }
#endif
  for (size_t s = 0; s < slots_.size(); ++s) {
    const float* column = inputs + slots_[s].feature;
    float* out = block + s * kBlockRows;
    for (size_t row = 0; row < rows; ++row) out[row] = SlotValue(column[row * width_], slots_[s].missing);
    std::fill(out + rows, out + kBlockRows, 0.F);
  }
}

float FlatForest::RowMargin([[maybe_unused]] const float* row, const float* slots) const {
  float sum = base_margin_;
  for (const Run& run : runs_) {
    if (run.is_deep) {
      sum = RowDeep(deep_[run.index], slots, sum);
      continue;
    }
#ifdef VIGIA_X86_PATHS
    if (uses_keys_) {
      sum = RowAvx512(shallow_[run.index], row, width_, sum);
      continue;
    }
#endif
    sum = RowPortable(shallow_[run.index], slots, sum);
  }
  return sum;
}

void FlatForest::BlockMargins(const float* block, float* margins) const {
  std::fill_n(margins, kBlockRows, base_margin_);
  for (const Run& run : runs_) {
    if (run.is_deep) {
      BlockDeep(deep_[run.index], block, margins);
      continue;
    }
    const ShallowTrees& trees = shallow_[run.index];
    switch (path_) {
#ifdef VIGIA_X86_PATHS
      case Path::kAvx512: BlockAvx512(trees, block, margins); break;
      case Path::kAvx2: BlockAvx2(trees, block, margins); break;
#endif
      default: BlockPortable(trees, block, margins); break;
    }
  }
}

void FlatForest::Margins(std::span<const float> inputs, std::span<float> margins) const {
  CHECK(inputs.size() == margins.size() * width_, "inputs of the wrong width");
#ifdef VIGIA_X86_PATHS
  if (ranked_) return ranked_->Margins(inputs, margins);
#endif
  const size_t rows = margins.size();
  const size_t blocks = (rows + kBlockRows - kSmallestBlock) / kBlockRows;  // the last may be partly full
  const size_t in_blocks = std::min(rows, blocks * kBlockRows);
  std::vector<float> block(blocks == 0 ? 0 : (slots_.size() + 1) * kBlockRows);
  for (size_t first = 0; first < in_blocks; first += kBlockRows) {
    const size_t count = std::min(kBlockRows, rows - first);
    float sums[kBlockRows];
    FillBlock(inputs.data() + first * width_, count, block.data());
    BlockMargins(block.data(), sums);
    std::copy_n(sums, count, margins.data() + first);
  }
  float slots[kSlotLimit];
  for (size_t row = in_blocks; row < rows; ++row) {
    const float* values = inputs.data() + row * width_;
    if (needs_slots_) FillSlots(values, slots);
    margins[row] = RowMargin(values, slots);
  }
}

}  // namespace vigia::scoring
