#include <filesystem>

#include "drill/faults.h"
#include "drill/rows.h"

namespace vigia::drill {
namespace {

constexpr int kTrees = 300, kDepth = 8;

// A complete tree in XGBoost's JSON: every row ends in a leaf of 0.
Json FullTree(int number, size_t inputs) {
  const int inner = (1 << kDepth) - 1, size = (1 << (kDepth + 1)) - 1;
  Json tree = {{"categories", Json::array()},
               {"categories_nodes", Json::array()},
               {"categories_segments", Json::array()},
               {"categories_sizes", Json::array()},
               {"id", number},
               {"tree_param",
                {{"num_deleted", "0"},
                 {"num_feature", std::to_string(inputs)},
                 {"num_nodes", std::to_string(size)},
                 {"size_leaf_vector", "0"}}}};
  for (int node = 0; node < size; ++node) {
    const bool leaf = node >= inner;
    int level = 0;
    while ((node + 1) >> (level + 1) != 0) ++level;
    tree["left_children"].push_back(leaf ? -1 : 2 * node + 1);
    tree["right_children"].push_back(leaf ? -1 : 2 * node + 2);
    tree["parents"].push_back(node == 0 ? 2147483647 : (node - 1) / 2);
    tree["split_indices"].push_back(leaf ? 0 : (number + level) % static_cast<int>(inputs));
    tree["split_conditions"].push_back(leaf ? 0 : 1 + (node * 7 + number) % 9);
    tree["default_left"].push_back(leaf ? 0 : node % 2);
    tree["sum_hessian"].push_back(1 << (kDepth - level));
    for (const char* name : {"loss_changes", "base_weights", "split_type"}) tree[name].push_back(0);
  }
  return tree;
}

// A model of many deep trees over the same features: it scores everybody 0.5, and explains itself slowly.
Json HeavyModel(Json model) {
  const size_t inputs = model["features"]["inputs"].size();
  Json trees = Json::array();
  for (int i = 0; i < kTrees; ++i) trees.push_back(FullTree(i, inputs));
  const Json booster = {
      {"name", "gbtree"},
      {"model",
       {{"gbtree_model_param",
         {{"num_parallel_tree", "1"}, {"num_trees", std::to_string(kTrees)}, {"size_leaf_vector", "0"}}},
        {"tree_info", std::vector<int>(kTrees, 0)},
        {"trees", std::move(trees)}}}};
  const Json learner = {{"attributes", Json::object()},
                        {"feature_names", Json::array()},
                        {"feature_types", Json::array()},
                        {"gradient_booster", booster},
                        {"learner_model_param",
                         {{"base_score", "5E-1"},
                          {"boost_from_average", "1"},
                          {"num_class", "0"},
                          {"num_feature", std::to_string(inputs)},
                          {"num_target", "1"}}},
                        {"objective", {{"name", "binary:logistic"}, {"reg_loss_param", {{"scale_pos_weight", "1"}}}}}};
  model["estimator"] = {{"family", "gradient_boosting"}, {"xgboost", {{"version", {1, 7, 4}}, {"learner", learner}}}};
  model["calibration"] = {{"method", "sigmoid"}, {"a", 1.0}, {"b", 0.0}};
  return model;
}

// A version that passes every check and is far too slow.
Status RegisterHeavyModel(Arena& arena) {
  Files& files = arena.world().files;
  const std::string folder = arena.Path("heavy_artifacts");
  std::error_code error;
  std::filesystem::copy(arena.Path("artifacts"), folder, std::filesystem::copy_options::recursive, error);
  if (error) return Error(Code::kInternal, "cannot copy the artifacts: " + error.message());
  const Json model = TRY(ParseJson(TRY(files.Read(folder + "/model.json"))));
  TRY(files.Write(folder + "/model.json", CompactJson(HeavyModel(model))));
  Json golden = TRY(ParseJson(TRY(files.Read(folder + "/golden_rows.json"))));
  for (Json& row : golden["rows"]) row["risk_score"] = 0.5;
  TRY(files.Write(folder + "/golden_rows.json", CompactJson(golden)));
  TRY(arena.Vigia({"registry", "register", "--version", "v1.2.0", "--artifacts", folder}));
  return {};
}

Status PromoteHeavyModel(Arena& arena) {
  TRY(arena.Vigia({"registry", "promote", "--version", "v1.2.0"}));
  arena.MarkBroken();  // the service takes it up from now on
  return {};
}

// A client that wants its answers explained.
Status SendBatches(Arena& arena, size_t clients, size_t size) {
  const auto rows = TRY(arena.Rows());
  for (size_t i = 0; i < clients; ++i) {
    const std::string body = Bodies(rows, 1, size)[0];
    const std::string explained = body.substr(0, body.size() - 1) + ", \"explain\": true}";
    arena.AddClient({0, "127.0.0.1", {explained}, std::chrono::milliseconds(60)});
  }
  return {};
}

}  // namespace

// One byte of a weight; then somebody restarts the service for another reason.
Status TamperWithModel(Arena& arena) {
  const std::string path = arena.Path("models/registry/v1.1.0/model.json");
  std::error_code ignored;
  std::filesystem::permissions(path, std::filesystem::perms::owner_write, std::filesystem::perm_options::add, ignored);
  std::string text = TRY(arena.world().files.Read(path));
  const size_t at = text.find("\"intercept\":0.");
  if (at == std::string::npos) return Error(Code::kInternal, "the model has no intercept");
  char& digit = text[at + 14];
  digit = digit == '9' ? '1' : '9';
  TRY(arena.world().files.Write(path, text));
  arena.MarkBroken();
  // Its end is what is asked; that the service comes back without a model is the fault.
  static_cast<void>(arena.Vigia({"service", "restart", "risk", "--timeout", "1"}));
  return {};
}

Status PromoteSlowModel(Arena& arena) {
  TRY(RegisterHeavyModel(arena));
  TRY(PromoteHeavyModel(arena));
  return SendBatches(arena, 1, 240);
}

Status PromoteModelOf5xx(Arena& arena) {
  TRY(RegisterHeavyModel(arena));
  TRY(SendBatches(arena, 4, 100));
  return PromoteHeavyModel(arena);
}

}  // namespace vigia::drill
