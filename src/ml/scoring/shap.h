// Exact path-dependent tree SHAP: what each feature adds to one row's margin (Lundberg et al. 2020,
// "From local explanations to global understanding", algorithm 1's values).
//
// The Shapley weights k!(d−1−k)!/d! are Beta integrals, so that for one leaf of value v whose path
// has d features with one fraction o and zero fraction z each,
//   φ_i = v (o_i − z_i) ∫₀¹ Π_{j≠i} (z_j (1−s) + o_j s) ds.
// The integrand is a polynomial of degree d−1: Gauss-Legendre with ⌈d/2⌉ points gives it exactly.
// One walk over a tree keeps the product at those points: O(nodes × depth) in all, and only
// positive factors, so nothing cancels.
#pragma once

#include <span>
#include <vector>

#include "scoring/forest.h"

namespace vigia::scoring {

// Immutable after construction; thread-safe.
class TreeExplainer {
 public:
  explicit TreeExplainer(const Forest& forest);

  // inputs.size() == width, contributions.size() == width + 1 (the last is the bias). Allocates.
  void Contributions(std::span<const float> inputs, std::span<double> contributions) const;

 private:
  struct Node {
    float value = 0;  // threshold or leaf
    uint16_t feature = 0;
    bool default_left = false;
    uint32_t left = 0;                       // 0: a leaf; right is left + 1
    double left_share = 0, right_share = 0;  // of the node's cover
  };
  struct Point {
    double at, weight;
  };
  template <size_t kPoints>
  class Walk;

  static std::vector<Point> GaussLegendre(size_t points);
  template <size_t kPoints>
  void Explain(std::span<const float> inputs, std::span<double> contributions) const;

  size_t width_ = 0;
  size_t frames_ = 0;  // the deepest tree's, and one
  double bias_ = 0;
  std::vector<Node> nodes_;
  std::vector<uint32_t> roots_;
  std::vector<Point> points_;
};

}  // namespace vigia::scoring
