#include "scoring/shap.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace vigia::scoring {

namespace {

// A path that next to no training row took, and that this row does not take either, adds nothing.
constexpr double kNoShare = 1e-200;

double Share(float child, float parent) {
  if (!(parent > 0)) return 0.5;
  return std::min(1.0, static_cast<double>(child) / static_cast<double>(parent));
}

}  // namespace

TreeExplainer::TreeExplainer(const Forest& forest) : width_(forest.width), bias_(forest.base_margin) {
  uint32_t depth = 0;
  for (const Tree& tree : forest.trees) {
    const auto root = static_cast<uint32_t>(nodes_.size());
    roots_.push_back(root);
    depth = std::max(depth, tree.depth);
    std::vector<double> reach(tree.nodes.size(), 1.0);
    for (size_t i = 0; i < tree.nodes.size(); ++i) {
      const TreeNode& from = tree.nodes[i];
      Node node;
      node.value = from.value;
      if (from.is_leaf()) {
        bias_ += reach[i] * static_cast<double>(from.value);
      } else {
        node.feature = static_cast<uint16_t>(from.feature);
        node.default_left = from.default_left;
        node.left = root + from.left;
        node.left_share = Share(tree.nodes[from.left].cover, from.cover);
        node.right_share = Share(tree.nodes[from.right].cover, from.cover);
        reach[from.left] = reach[i] * node.left_share;
        reach[from.right] = reach[i] * node.right_share;
      }
      nodes_.push_back(node);
    }
  }
  frames_ = depth + 1;
  const size_t features_on_path = std::min<size_t>(depth, width_);
  points_ = GaussLegendre(std::max<size_t>(1, (features_on_path + 1) / 2));
}

// Abscissas and weights on [0,1]: Newton's method on the Legendre polynomials
// (Press et al., Numerical Recipes, 4.6).
std::vector<TreeExplainer::Point> TreeExplainer::GaussLegendre(size_t points) {
  std::vector<Point> result(points);
  const auto n = static_cast<double>(points);
  for (size_t i = 0; i < points; ++i) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (n + 0.5));
    double slope = 1;
    for (int iteration = 0; iteration < 50; ++iteration) {
      double current = 1, previous = 0;
      for (size_t j = 1; j <= points; ++j) {
        const auto k = static_cast<double>(j);
        const double next = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
        previous = std::exchange(current, next);
      }
      slope = n * (x * current - previous) / (x * x - 1);
      const double step = current / slope;
      x -= step;
      if (std::abs(step) < 1e-15) break;
    }
    result[i] = {(1 - x) / 2, 1 / ((1 - x * x) * slope * slope)};
  }
  return result;
}

// One row through all trees. kPoints 0: as many as the explainer has.
template <size_t kPoints>
class TreeExplainer::Walk {
 public:
  Walk(const TreeExplainer& explainer, std::span<const float> inputs, std::span<double> contributions)
      : explainer_(explainer),
        inputs_(inputs),
        contributions_(contributions),
        states_(explainer.width_),
        frames_(2 * explainer.frames_ * Points()) {}

  void Tree(uint32_t root) {
    std::fill_n(frames_.begin(), Points(), 1.0);
    Visit(root, frames_.data());
  }

 private:
  // Of one feature on the path so far: the share of training rows, and of this row (0 or 1), that
  // go the path's way at its splits. A feature that is not on the path has 1 and 1, factor 1.
  struct State {
    double zero = 1, one = 1;
    double Factor(double s) const { return zero * (1 - s) + one * s; }
  };

  size_t Points() const { return kPoints != 0 ? kPoints : explainer_.points_.size(); }

  // frame: the product of the path's factors at each point, and, after the visit, the sum over the
  // leaves below of value × product.
  void Visit(uint32_t index, double* frame) {
    const Node& node = explainer_.nodes_[index];
    double* const sum = frame + Points();
    if (node.left == 0) {
      for (size_t k = 0; k < Points(); ++k) sum[k] = static_cast<double>(node.value) * frame[k];
      return;
    }
    std::fill_n(sum, Points(), 0.0);
    const float x = inputs_[node.feature];
    const bool goes_left = std::isnan(x) ? node.default_left : x < node.value;
    Follow(node.feature, node.left, node.left_share, goes_left, frame);
    Follow(node.feature, node.left + 1, node.right_share, !goes_left, frame);
  }

  void Follow(uint16_t feature, uint32_t child, double share, bool is_taken, double* frame) {
    const State before = states_[feature];
    const State after = {before.zero * share, is_taken ? before.one : 0.0};
    if (after.one == 0 && after.zero < kNoShare) return;
    double* const next = frame + 2 * Points();
    for (size_t k = 0; k < Points(); ++k) {
      const double s = explainer_.points_[k].at;
      next[k] = frame[k] * after.Factor(s) / before.Factor(s);
    }
    states_[feature] = after;
    Visit(child, next);
    states_[feature] = before;
    // The feature's term for these leaves. If it was split on above, that split counts these leaves
    // with the factor before; it is taken out here, so that only the last split's term remains.
    double* const sum = frame + Points();
    double term = 0;
    for (size_t k = 0; k < Points(); ++k) {
      const auto [s, weight] = explainer_.points_[k];
      const double below = next[Points() + k];
      term +=
          weight * below * ((after.one - after.zero) / after.Factor(s) - (before.one - before.zero) / before.Factor(s));
      sum[k] += below;
    }
    contributions_[feature] += term;
  }

  const TreeExplainer& explainer_;
  const std::span<const float> inputs_;
  const std::span<double> contributions_;
  std::vector<State> states_;
  std::vector<double> frames_;
};

template <size_t kPoints>
void TreeExplainer::Explain(std::span<const float> inputs, std::span<double> contributions) const {
  Walk<kPoints> walk(*this, inputs, contributions);
  for (const uint32_t root : roots_) walk.Tree(root);
}

void TreeExplainer::Contributions(std::span<const float> inputs, std::span<double> contributions) const {
  std::fill(contributions.begin(), contributions.end(), 0.0);
  contributions[width_] = bias_;
  switch (points_.size()) {
    case 1: return Explain<1>(inputs, contributions);
    case 2: return Explain<2>(inputs, contributions);
    case 3: return Explain<3>(inputs, contributions);
    case 4: return Explain<4>(inputs, contributions);
    default: return Explain<0>(inputs, contributions);
  }
}

}  // namespace vigia::scoring
