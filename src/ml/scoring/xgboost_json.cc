#include "scoring/xgboost_json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/text.h"

namespace vigia::scoring {

namespace {

Error Bad(const std::string& what) { return Error(Code::kInvalidArgument, "XGBoost model: " + what); }

// XGBoost writes numbers of its parameters as text, newer versions as a vector of one: "[5E-1]".
Result<double> ReadParameter(const Json& object, const std::string& key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end()) return Bad("key '" + key + "' is missing");
  if (found->is_number()) return found->get<double>();
  if (!found->is_string()) return Bad("key '" + key + "' is not a number");
  std::string_view text = found->get_ref<const std::string&>();
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const auto number = ParseNumber(text);
  if (!number) return Bad("key '" + key + "' is not a number");
  return *number;
}

Result<double> ReadParameterOr(const Json& object, const std::string& key, double otherwise) {
  if (!object.is_object() || !object.contains(key)) return otherwise;
  return ReadParameter(object, key);
}

bool ToFloat(double number, float& out) {
  if (!(std::abs(number) <= static_cast<double>(std::numeric_limits<float>::max()))) return false;
  out = static_cast<float>(number);
  return true;
}

// One column of a tree's arrays.
class Column {
 public:
  static Result<Column> Read(const Json& tree, const char* key, size_t size) {
    const Json* array = TRY(GetArray(tree, key));
    if (array->size() != size) {
      return Bad(std::string(key) + " has " + std::to_string(array->size()) + " entries, not " + std::to_string(size));
    }
    return Column(*array, key);
  }

  Result<float> Float(size_t i) const {
    const Json& item = (*array_)[i];
    float number = 0;
    if (!item.is_number() || !ToFloat(item.get<double>(), number)) return Bad(At(i) + " is not a finite number");
    return number;
  }
  Result<int64_t> Integer(size_t i) const {
    const Json& item = (*array_)[i];
    if (item.is_boolean()) return int64_t{item.get<bool>()};
    if (!item.is_number_integer()) return Bad(At(i) + " is not an integer");
    if (item.is_number_unsigned() && item.get<uint64_t>() > uint64_t{1} << 40) return Bad(At(i) + " is out of range");
    return item.get<int64_t>();
  }
  std::string At(size_t i) const { return std::string(key_) + "[" + std::to_string(i) + "]"; }

 private:
  Column(const Json& array, const char* key) : array_(&array), key_(key) {}
  const Json* array_;
  const char* key_;
};

Status RefuseCategories(const Json& tree) {
  for (const char* key : {"split_type", "categories", "categories_nodes"}) {
    const auto found = tree.find(key);
    if (found == tree.end() || !found->is_array()) continue;
    const bool is_list = std::string_view(key) != "split_type";
    for (const Json& item : *found) {
      if (is_list || item != 0) return Bad(std::string(key) + ": categorical splits are not supported");
    }
  }
  return {};
}

struct TreeColumns {
  Column left, right, feature, value, default_left, cover, gain;
};

Result<TreeColumns> ReadColumns(const Json& json, size_t size) {
  return TreeColumns {
    TRY(Column::Read(json, "left_children", size))
    , TRY(Column::Read(json, "right_children", size))
    , TRY(Column::Read(json, "split_indices", size))
    , TRY(Column::Read(json, "split_conditions", size))
    , TRY(Column::Read(json, "default_left", size))
    , TRY(Column::Read(json, "sum_hessian", size))
    , TRY(Column::Read(json, "loss_changes", size))
  };
}

Result<TreeNode> ReadNode(const TreeColumns& columns, size_t i, size_t width, bool is_leaf) {
  TreeNode node;
  node.value = TRY(columns.value.Float(i));
  node.cover = TRY(columns.cover.Float(i));
  if (node.cover < 0) return Bad(columns.cover.At(i) + " is negative");
  if (is_leaf) return node;
  const int64_t feature = TRY(columns.feature.Integer(i));
  if (feature < 0 || static_cast<size_t>(feature) >= width) return Bad(columns.feature.At(i) + " is not a feature");
  node.feature = static_cast<uint32_t>(feature);
  node.default_left = TRY(columns.default_left.Integer(i))
  != 0;
  node.gain = TRY(columns.gain.Float(i));
  return node;
}

// Copies what can be reached from the root, parents first. Deleted nodes stay behind.
Result<Tree> ReadTree(const Json& json, size_t width) {
  if (!json.is_object()) return Bad("it is not an object");
  TRY(RefuseCategories(json));
  const size_t size = TRY(GetArray(json, "left_children"))
  ->size();
  if (size == 0) return Bad("left_children is empty");
  const TreeColumns columns = TRY(ReadColumns(json, size));
  struct Pending {
    size_t source;
    uint32_t target, depth;
  };
  Tree tree;
  std::vector<bool> seen(size, false);
  std::vector<Pending> pending = {{0, 0, 0}};
  tree.nodes.emplace_back();
  seen[0] = true;
  while (!pending.empty()) {
    const Pending at = pending.back();
    pending.pop_back();
    tree.depth = std::max(tree.depth, at.depth);
    if (at.depth > kMaxDepth) return Bad("deeper than " + std::to_string(kMaxDepth) + " levels");
    const int64_t left = TRY(columns.left.Integer(at.source))
    , right = TRY(columns.right.Integer(at.source));
    const bool is_leaf = left == -1 && right == -1;
    TreeNode node = TRY(ReadNode(columns, at.source, width, is_leaf));
    if (!is_leaf) {
      for (const int64_t child : {left, right}) {
        if (child < 0 || static_cast<size_t>(child) >= size || seen[static_cast<size_t>(child)]) {
          return Bad(columns.left.At(at.source) + " or right_children: not a child of its own");
        }
        seen[static_cast<size_t>(child)] = true;
      }
      node.left = static_cast<uint32_t>(tree.nodes.size());
      node.right = node.left + 1;
      tree.nodes.resize(tree.nodes.size() + 2);
      pending.push_back({static_cast<size_t>(left), node.left, at.depth + 1});
      pending.push_back({static_cast<size_t>(right), node.right, at.depth + 1});
    }
    tree.nodes[at.target] = node;
  }
  return tree;
}

// The start of every sum. The formula, and float, as in XGBoost's LogisticRegression::ProbToMargin.
Result<float> ReadBaseMargin(const Json& parameters) {
  const double base_score = TRY(ReadParameter(parameters, "base_score"));
  const float probability = static_cast<float>(base_score);
  if (!(probability > 0.F && probability < 1.F)) return Bad("base_score is not between 0 and 1");
  const float margin = -std::log(1.F / probability - 1.F);
  if (!std::isfinite(margin)) return Bad("base_score is not between 0 and 1");
  return margin;
}

Status CheckParameters(const Json& learner, const Json& parameters) {
  const Json* objective_json = TRY(GetObject(learner, "objective"));
  const std::string objective = TRY(GetString(*objective_json, "name"));
  if (objective != "binary:logistic" && objective != "reg:logistic") {
    return Bad("objective.name '" + objective + "' is not supported");
  }
  if (TRY(ReadParameterOr(parameters, "num_class", 0)) > 1) return Bad("num_class: several classes are not supported");
  if (TRY(ReadParameterOr(parameters, "num_target", 1)) > 1)
    return Bad("num_target: several targets are not supported");
  return {};
}

Status CheckTreeInfo(const Json& model) {
  const auto info = model.find("tree_info");
  if (info == model.end()) return {};
  for (const Json& group : *info) {
    if (group != 0) return Bad("tree_info: several classes are not supported");
  }
  return {};
}

}  // namespace

Result<Forest> ReadXgboost(const Json& model) {
  const Json& learner = *TRY(GetObject(model, "learner"));
  const Json& parameters = *TRY(GetObject(learner, "learner_model_param"));
  const Json& booster = *TRY(GetObject(learner, "gradient_booster"));
  const std::string name = TRY(GetString(booster, "name"));
  if (name != "gbtree") return Bad("gradient_booster.name '" + name + "' is not supported");
  TRY(CheckParameters(learner, parameters));
  const Json& trees = *TRY(GetObject(booster, "model"));
  TRY(CheckTreeInfo(trees));

  Forest forest;
  forest.base_margin = TRY(ReadBaseMargin(parameters));
  const double width = TRY(ReadParameter(parameters, "num_feature"));
  if (!(width >= 1 && width <= static_cast<double>(kMaxWidth)) || width != std::floor(width)) {
    return Bad("num_feature is not between 1 and " + std::to_string(kMaxWidth));
  }
  forest.width = static_cast<size_t>(width);
  const Json& list = *TRY(GetArray(trees, "trees"));
  if (list.size() > kMaxTrees) return Bad("trees: more than " + std::to_string(kMaxTrees));
  for (size_t i = 0; i < list.size(); ++i) {
    forest.trees.push_back(TRY_CONTEXT(ReadTree(list[i], forest.width), "trees[" + std::to_string(i) + "]"));
  }
  return forest;
}

}  // namespace vigia::scoring
