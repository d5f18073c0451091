// Trained trees as an Estimator: the flat forest for margins, the explainer for contributions.
#include "scoring/model.h"
#include "scoring/shap.h"
#include "scoring/trees.h"
#include "scoring/xgboost_json.h"

namespace vigia::scoring {

namespace {

class ForestEstimator final : public Estimator {
 public:
  explicit ForestEstimator(const Forest& forest) : flat_(forest), explainer_(forest), gains_(forest.width, 0.0) {
    for (const Tree& tree : forest.trees) {
      for (const TreeNode& node : tree.nodes) {
        if (!node.is_leaf()) gains_[node.feature] += static_cast<double>(node.gain);
      }
    }
  }

  size_t width() const override { return flat_.width(); }
  void Margins(std::span<const float> inputs, std::span<float> margins) const override {
    flat_.Margins(inputs, margins);
  }
  void Contributions(std::span<const float> inputs, std::span<double> contributions) const override {
    CHECK(inputs.size() == width() && contributions.size() == width() + 1, "inputs of the wrong width");
    explainer_.Contributions(inputs, contributions);
  }
  std::vector<double> Gains() const override { return gains_; }

 private:
  FlatForest flat_;
  TreeExplainer explainer_;
  std::vector<double> gains_;
};

}  // namespace

Result<std::unique_ptr<Estimator>> CompileXgboost(const Json& xgboost_model) {
  const Forest forest = TRY(ReadXgboost(xgboost_model));
  return std::unique_ptr<Estimator>(std::make_unique<ForestEstimator>(forest));
}

}  // namespace vigia::scoring
