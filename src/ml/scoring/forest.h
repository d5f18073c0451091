// Decision trees as they were trained, checked: what the XGBoost reader gives, and what the flat
// scorer and the explainer are compiled from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vigia::scoring {

struct TreeNode {
  static constexpr uint32_t kNone = 0;   // the root is nobody's child
  uint32_t left = kNone, right = kNone;  // both or none
  uint32_t feature = 0;
  float value = 0;            // threshold (x < value goes left), or the leaf's value; finite
  bool default_left = false;  // where a missing value goes
  float cover = 0;            // sum of Hessians that reached the node, not negative
  float gain = 0;

  bool is_leaf() const { return left == kNone; }
};

// nodes[0] is the root; every node has one parent, before it in the vector.
struct Tree {
  std::vector<TreeNode> nodes;
  uint32_t depth = 0;  // edges on the longest path
};

struct Forest {
  size_t width = 0;       // features; every node's is below it
  float base_margin = 0;  // log-odds before the first tree
  std::vector<Tree> trees;
};

// What the reader refuses to go beyond, so that what follows may rely on it.
inline constexpr size_t kMaxWidth = 1024;
inline constexpr uint32_t kMaxDepth = 256;
inline constexpr size_t kMaxTrees = 100000;

}  // namespace vigia::scoring
