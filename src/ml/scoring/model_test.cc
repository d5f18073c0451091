#include "scoring/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace vigia::scoring {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kWidth = 4;  // inputs of Features()

// Raw: ida, ieg, genero. Inputs: ida, the mean of ida and ieg, genero=F, ieg missing.
Json Features() {
  return ParseJson(R"({"reference_year":2023,
    "raw":[{"name":"ida","type":"number","min":0,"max":10,"seen_min":0,"seen_max":10},
           {"name":"ieg","type":"number","min":0,"max":10,"seen_min":0,"seen_max":10},
           {"name":"genero","type":"category","levels":["F","M"]}],
    "inputs":[{"name":"ida","operation":"identity","inputs":["ida"]},
              {"name":"media","operation":"mean","inputs":["ida","ieg"]},
              {"name":"genero=F","operation":"one_hot","inputs":["genero"],"level":"F"},
              {"name":"ieg_missing","operation":"missing","inputs":["ieg"]}]})")
      .value();
}

// One tree: ida < 5 ? (media < 3 ? −1 : 0.5) : 2. Missing ida goes right, missing media left.
Json Booster() {
  return ParseJson(R"({"learner":{
    "attributes":{},"feature_names":[],"feature_types":[],
    "gradient_booster":{"name":"gbtree","model":{
      "gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1","size_leaf_vector":"0"},
      "tree_info":[0],
      "trees":[{"base_weights":[0,0,2,-1,0.5],"categories":[],"categories_nodes":[],"categories_segments":[],
        "categories_sizes":[],"default_left":[0,1,0,0,0],"id":0,"left_children":[1,3,-1,-1,-1],
        "loss_changes":[8,4,0,0,0],"parents":[2147483647,0,0,1,1],"right_children":[2,4,-1,-1,-1],
        "split_conditions":[5,3,2,-1,0.5],"split_indices":[0,1,0,0,0],"split_type":[0,0,0,0,0],
        "sum_hessian":[10,6,4,2,4],
        "tree_param":{"num_deleted":"0","num_feature":"4","num_nodes":"5","size_leaf_vector":"0"}}]}},
    "learner_model_param":{"base_score":"5E-1","boost_from_average":"1","num_class":"0","num_feature":"4",
                           "num_target":"1"},
    "objective":{"name":"binary:logistic","reg_loss_param":{"scale_pos_weight":"1"}}},
    "version":[1,7,4]})")
      .value();
}

Json TreeModel() {
  return {{"format", "vigia-model"},
          {"format_version", 1},
          {"features", Features()},
          {"estimator", {{"family", "gradient_boosting"}, {"xgboost", Booster()}}},
          {"calibration", {{"method", "none"}}},
          {"threshold", 0.4}};
}

Json LinearModel() {
  Json model = TreeModel();
  model["estimator"] = ParseJson(R"({"family":"logistic_regression","impute":[6,7,0,0],"mean":[5,5,0.5,0.1],
      "scale":[2,1,0.5,1],"coefficients":[-1,0.5,0.25,2],"intercept":-0.2})")
                           .value();
  return model;
}

constexpr const char* kTree = "/estimator/xgboost/learner/gradient_booster/model/trees/0";
constexpr const char* kLearner = "/estimator/xgboost/learner";

double Sigmoid(double margin) { return 1 / (1 + std::exp(-margin)); }

double ScoreOf(const Json& json, const std::vector<double>& raw) {
  const auto model = Model::FromText(CompactJson(json));
  EXPECT_TRUE(model.ok()) << model.error().message();
  std::vector<float> scratch(kWidth);
  return (*model)->Score(raw, 0, scratch);
}

TEST(ModelTest, ScoresATree) {
  EXPECT_NEAR(ScoreOf(TreeModel(), {4, 1, 0}), Sigmoid(-1), 1e-7);
  EXPECT_NEAR(ScoreOf(TreeModel(), {4, 6, 0}), Sigmoid(0.5), 1e-7);
  EXPECT_NEAR(ScoreOf(TreeModel(), {5, 6, 0}), Sigmoid(2), 1e-7) << "a tie goes right";
  EXPECT_NEAR(ScoreOf(TreeModel(), {kNaN, 1, 0}), Sigmoid(2), 1e-7);
}

TEST(ModelTest, ScoresALinearModel) {
  // (4−5)/2·−1 + (5−5)/1·0.5 + (1−0.5)/0.5·0.25 + (0−0.1)·2 − 0.2
  EXPECT_NEAR(ScoreOf(LinearModel(), {4, 6, 0}), Sigmoid(0.5 + 0 + 0.25 - 0.2 - 0.2), 1e-7);
  // ida imputed by 6, the mean by 7, ieg counted as missing.
  EXPECT_NEAR(ScoreOf(LinearModel(), {kNaN, kNaN, 1}), Sigmoid(-0.5 + 1 - 0.25 + 1.8 - 0.2), 1e-7);
}

TEST(ModelTest, BatchesScoreAsSingleRowsDo) {
  for (const Json& json : {TreeModel(), LinearModel()}) {
    const auto model = Model::FromJson(json);
    ASSERT_TRUE(model.ok());
    constexpr size_t kRows = 700;
    std::vector<double> raw, scores(kRows);
    std::vector<int> years(kRows, 2024);
    for (size_t i = 0; i < kRows; ++i) {
      const auto n = static_cast<double>(i);
      raw.insert(raw.end(), {i % 5 == 0 ? kNaN : std::fmod(n * 0.37, 10), std::fmod(n * 0.91, 10), double(i % 3) - 1});
    }
    (*model)->ScoreBatch(raw, years, scores);
    std::vector<float> scratch(kWidth);
    for (size_t i = 0; i < kRows; ++i) {
      EXPECT_EQ(scores[i], (*model)->Score(std::span(raw).subspan(i * 3, 3), 2024, scratch)) << i;
    }
  }
}

TEST(ModelTest, CalibrationsMapTheMargin) {
  Json sigmoid = TreeModel(), isotonic = TreeModel();
  sigmoid["calibration"] = {{"method", "sigmoid"}, {"a", 0.5}, {"b", -1}};
  isotonic["calibration"] = {{"method", "isotonic"}, {"x", {0.3, 0.5, 0.75}}, {"y", {0.1, 0.2, 0.6}}};
  EXPECT_NEAR(ScoreOf(sigmoid, {5, 6, 0}), Sigmoid(0), 1e-7);
  EXPECT_NEAR(ScoreOf(isotonic, {4, 1, 0}), 0.1, 1e-7) << "flat below";
  EXPECT_NEAR(ScoreOf(isotonic, {5, 6, 0}), 0.6, 1e-7) << "flat above";
  const double p = Sigmoid(0.5);
  EXPECT_NEAR(ScoreOf(isotonic, {4, 6, 0}), 0.2 + (p - 0.5) / 0.25 * 0.4, 1e-7);
}

TEST(ModelTest, ExtremeMarginsStayProbabilities) {
  Json model = TreeModel();
  model[Json::json_pointer(std::string(kTree) + "/split_conditions/2")] = 3e38;
  for (const Json& calibration : {Json{{"method", "none"}}, Json{{"method", "sigmoid"}, {"a", 0}, {"b", 0}},
                                  Json{{"method", "sigmoid"}, {"a", -1e30}, {"b", 1e30}},
                                  Json{{"method", "isotonic"}, {"x", {0.5}}, {"y", {0.5}}}}) {
    model["calibration"] = calibration;
    const double score = ScoreOf(model, {9, 6, 0});
    EXPECT_TRUE(score >= 0 && score <= 1) << score;
  }
}

TEST(ModelTest, ExplanationsAddUpToTheCalibratedLogOdds) {
  for (Json json : {TreeModel(), LinearModel()}) {
    json["calibration"] = {{"method", "sigmoid"}, {"a", 1.5}, {"b", -0.25}};
    const auto model = Model::FromJson(json);
    ASSERT_TRUE(model.ok());
    std::vector<float> scratch(kWidth);
    for (const std::vector<double>& raw : {std::vector<double>{4, 1, 0}, {7, kNaN, 1}, {kNaN, kNaN, kNaN}}) {
      const Explanation explanation = (*model)->Explain(raw, 0);
      ASSERT_EQ(explanation.raw_contributions.size(), 3U);
      const double sum =
          std::accumulate(explanation.raw_contributions.begin(), explanation.raw_contributions.end(), explanation.bias);
      EXPECT_NEAR(Sigmoid(sum), (*model)->Score(raw, 0, scratch), 1e-6);
    }
  }
}

TEST(ModelTest, CompositesAreSharedEquallyAmongTheirRawFeatures) {
  // Worked by hand on the tree for ida 4, ieg 1 (leaf −1): with cover shares 0.6 for "ida < 5" and
  // 1/3 for "media < 3" below it, v(∅)=1, v(ida)=0, v(media)=0.2, v(both)=−1.
  const auto model = Model::FromJson(TreeModel());
  ASSERT_TRUE(model.ok());
  const Explanation explanation = (*model)->Explain(std::vector<double>{4, 1, 0}, 0);
  const double of_ida = ((0.0 - 0.8) + (-1.0 - 0.2)) / 2, of_media = ((0.2 - 0.8) + (-1.0 - 0.0)) / 2;
  EXPECT_NEAR(explanation.bias, 0.8, 1e-6);
  EXPECT_NEAR(explanation.raw_contributions[0], of_ida + of_media / 2, 1e-6);
  EXPECT_NEAR(explanation.raw_contributions[1], of_media / 2, 1e-6);
  EXPECT_EQ(explanation.raw_contributions[2], 0);
}

TEST(ModelTest, GainsAreFoldedOntoRawFeatures) {
  const auto model = Model::FromJson(TreeModel());
  ASSERT_TRUE(model.ok());
  EXPECT_EQ((*model)->FeatureGain(), (std::vector<double>{8 + 2, 2, 0}));
}

TEST(ModelTest, ReadsLaterSpellings) {
  Json model = TreeModel();
  model[Json::json_pointer(std::string(kLearner) + "/learner_model_param/base_score")] = "[2.5E-1]";
  model[Json::json_pointer(std::string(kTree) + "/default_left")] = {false, true, false, false, false};
  model[Json::json_pointer(std::string(kTree) + "/tree_param/size_leaf_vector")] = "1";
  EXPECT_NEAR(ScoreOf(model, {5, 6, 0}), Sigmoid(2 + std::log(0.25 / 0.75)), 1e-6);
}

TEST(ModelTest, AModelWithoutTreesScoresItsBase) {
  Json model = TreeModel();
  model[Json::json_pointer("/estimator/xgboost/learner/gradient_booster/model/trees")] = Json::array();
  EXPECT_NEAR(ScoreOf(model, {5, 6, 0}), 0.5, 1e-7);
}

TEST(ModelTest, DeletedNodesStayBehind) {
  Json model = TreeModel();
  const std::string tree(kTree);
  for (const char* key : {"default_left", "left_children", "right_children", "loss_changes", "split_conditions",
                          "split_indices", "split_type", "sum_hessian"}) {
    model[Json::json_pointer(tree + "/" + key)].push_back(-77);  // nobody's child: never read
  }
  model[Json::json_pointer(tree + "/split_type")].back() = 0;
  EXPECT_NEAR(ScoreOf(model, {4, 1, 0}), Sigmoid(-1), 1e-7);
}

struct BadCase {
  std::string pointer;
  Json value;
  const char* named;
};

void ExpectRefused(const Json& good, const std::vector<BadCase>& cases) {
  for (const BadCase& c : cases) {
    Json model = good;
    model[Json::json_pointer(c.pointer)] = c.value;
    const auto read = Model::FromJson(model);
    ASSERT_FALSE(read.ok()) << c.pointer << " = " << c.value;
    EXPECT_NE(read.error().message().find(c.named), std::string::npos) << c.pointer << ": " << read.error().message();
  }
}

TEST(ModelTest, RefusesModelsThatAreNotOurs) {
  ExpectRefused(TreeModel(), {
                                 {"/format", "pickle", "format"},
                                 {"/format_version", 2, "format_version"},
                                 {"/features", 1, "features"},
                                 {"/features/surprise", 1, "surprise"},
                                 {"/estimator", 1, "estimator"},
                                 {"/estimator/family", "svm", "svm"},
                                 {"/estimator/xgboost", 1, "xgboost"},
                                 {"/calibration/method", "beta", "beta"},
                                 {"/calibration", {{"method", "sigmoid"}, {"a", 1}}, "b"},
                                 {"/calibration", {{"method", "sigmoid"}, {"a", 1e300}, {"b", 0}}, "a"},
                                 {"/calibration", {{"method", "isotonic"}, {"x", {0.1}}, {"y", {0.1, 0.2}}}, "length"},
                                 {"/calibration", {{"method", "isotonic"}, {"x", {0.2, 0.1}}, {"y", {0, 1}}}, "x"},
                                 {"/calibration", {{"method", "isotonic"}, {"x", {0.1, 0.2}}, {"y", {0.5, 0.4}}}, "y"},
                                 {"/calibration", {{"method", "isotonic"}, {"x", {0.1, 0.2}}, {"y", {0.5, 1.4}}}, "y"},
                                 {"/calibration", {{"method", "isotonic"}, {"x", Json::array()}, {"y", {1}}}, "x"},
                                 {"/threshold", 1.5, "threshold"},
                                 {"/threshold", "x", "threshold"},
                             });
  EXPECT_FALSE(Model::FromText("").ok());
  EXPECT_FALSE(Model::FromText("[]").ok());
  EXPECT_FALSE(Model::FromText("{\"format\":").ok());
}

TEST(ModelTest, RefusesBadLinearModels) {
  ExpectRefused(LinearModel(), {
                                   {"/estimator/coefficients", {1, 2, 3}, "impute"},
                                   {"/estimator/coefficients/0", "x", "coefficients"},
                                   {"/estimator/coefficients/0", 1e300, "coefficients"},
                                   {"/estimator/impute/1", nullptr, "impute"},
                                   {"/estimator/mean", {1}, "mean"},
                                   {"/estimator/scale/2", 0, "scale"},
                                   {"/estimator/scale/2", -1, "scale"},
                                   {"/estimator/intercept", nullptr, "intercept"},
                               });
}

TEST(ModelTest, RefusesBoostersThatItCannotScore) {
  const std::string learner(kLearner), booster = learner + "/gradient_booster", tree(kTree);
  ExpectRefused(TreeModel(), {
                                 {booster + "/name", "dart", "dart"},
                                 {booster + "/name", "gblinear", "gblinear"},
                                 {learner + "/objective/name", "multi:softprob", "multi:softprob"},
                                 {learner + "/objective/name", "reg:squarederror", "reg:squarederror"},
                                 {learner + "/learner_model_param/num_class", "3", "num_class"},
                                 {learner + "/learner_model_param/num_target", "2", "num_target"},
                                 {learner + "/learner_model_param/num_feature", "5", "inputs"},
                                 {learner + "/learner_model_param/num_feature", "1000000000", "num_feature"},
                                 {learner + "/learner_model_param/num_feature", "-1", "num_feature"},
                                 {learner + "/learner_model_param/num_feature", "2.5", "num_feature"},
                                 {learner + "/learner_model_param/base_score", "0", "base_score"},
                                 {learner + "/learner_model_param/base_score", "[1E0]", "base_score"},
                                 {learner + "/learner_model_param/base_score", "[]", "base_score"},
                                 {learner + "/learner_model_param/base_score", "nan", "base_score"},
                                 {learner + "/learner_model_param/base_score", "1e-320", "base_score"},
                                 {learner + "/learner_model_param", 1, "learner_model_param"},
                                 {booster + "/model/tree_info", {1}, "tree_info"},
                                 {booster + "/model/trees", 1, "trees"},
                                 {booster + "/model/trees", {1}, "trees[0]"},
                                 {tree + "/split_type/0", 1, "categorical"},
                                 {tree + "/categories", {1, 2}, "categorical"},
                             });
}

TEST(ModelTest, RefusesHostileTrees) {
  const std::string tree(kTree);
  ExpectRefused(TreeModel(), {
                                 {tree + "/left_children", Json::array(), "left_children"},
                                 {tree + "/left_children", "x", "left_children"},
                                 {tree + "/left_children/0", 0, "left_children[0]"},   // its own child
                                 {tree + "/left_children/1", 0, "left_children[1]"},   // a cycle
                                 {tree + "/left_children/1", 2, "left_children[1]"},   // two parents
                                 {tree + "/left_children/1", 5, "left_children[1]"},   // beyond the end
                                 {tree + "/left_children/1", -1, "left_children[1]"},  // half a leaf
                                 {tree + "/left_children/1", -2, "left_children[1]"},
                                 {tree + "/left_children/1", 1.5, "left_children[1]"},
                                 {tree + "/left_children/1", 18446744073709551615ULL, "left_children[1]"},
                                 {tree + "/right_children", {2, 4}, "right_children"},
                                 {tree + "/split_indices/0", 4, "split_indices[0]"},
                                 {tree + "/split_indices/0", -1, "split_indices[0]"},
                                 {tree + "/split_indices", Json::array(), "split_indices"},
                                 {tree + "/split_conditions/0", nullptr, "split_conditions[0]"},
                                 {tree + "/split_conditions/0", 1e300, "split_conditions[0]"},
                                 {tree + "/split_conditions/3", "NaN", "split_conditions[3]"},
                                 {tree + "/default_left/0", "x", "default_left[0]"},
                                 {tree + "/sum_hessian/2", -1, "sum_hessian[2]"},
                                 {tree + "/loss_changes", {1}, "loss_changes"},
                             });
}

TEST(ModelTest, RefusesEndlessDepth) {
  Json model = TreeModel();
  Json& tree = model[Json::json_pointer(kTree)];
  constexpr int kLevels = 2000;  // a chain: node 2i has leaf 2i+1 and node 2i+2
  Json left = Json::array(), right = Json::array(), zeros = Json::array();
  for (int i = 0; i <= 2 * kLevels; ++i) {
    const bool is_leaf = i % 2 == 1 || i == 2 * kLevels;
    left.push_back(is_leaf ? -1 : i + 1);
    right.push_back(is_leaf ? -1 : i + 2);
    zeros.push_back(0);
  }
  for (const char* key :
       {"default_left", "loss_changes", "split_conditions", "split_indices", "split_type", "sum_hessian"}) {
    tree[key] = zeros;
  }
  tree["left_children"] = left;
  tree["right_children"] = right;
  const auto read = Model::FromJson(model);
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message().find("deeper"), std::string::npos);
}

TEST(ModelTest, CoverOfZeroStillExplains) {
  Json model = TreeModel();
  for (const int node : {0, 1, 2, 3, 4})
    model[Json::json_pointer(std::string(kTree) + "/sum_hessian/" + std::to_string(node))] = 0;
  const auto read = Model::FromJson(model);
  ASSERT_TRUE(read.ok());
  const Explanation explanation = (*read)->Explain(std::vector<double>{4, 1, 0}, 0);
  const double sum =
      std::accumulate(explanation.raw_contributions.begin(), explanation.raw_contributions.end(), explanation.bias);
  EXPECT_NEAR(sum, -1, 1e-6);
}

}  // namespace
}  // namespace vigia::scoring
