#include "evaluation/evaluation.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace vigia::evaluation {
namespace {

struct ScoredPupils {
  std::vector<double> scores;
  std::vector<uint8_t> labels, behind;
  std::vector<int32_t> pupils;
  std::vector<Grouping> groupings;

  Rows View() const { return {scores, labels, pupils, behind, groupings}; }
};

ScoredPupils MakePupils(size_t rows) {
  Rng rng(9);
  ScoredPupils data;
  data.groupings.push_back({"genero", {"Feminino", "Masculino", "Outro"}, {}});
  for (size_t i = 0; i < rows; ++i) {
    data.scores.push_back(rng.Uniform());
    data.labels.push_back(rng.Uniform() < data.scores.back());
    data.behind.push_back(rng.Uniform() < 0.2 + 0.6 * data.labels.back());
    data.pupils.push_back(static_cast<int32_t>(i / 2));
    data.groupings[0].codes.push_back(i < 10 ? 2 : i < 12 ? -1 : static_cast<int32_t>(rng.Below(2)));
  }
  return data;
}

TEST(Evaluation, HasTheFieldsOfTheContract) {
  const ScoredPupils data = MakePupils(300);
  InlineExecutor executor;
  const auto evaluation = Evaluate(data.View(), {.threshold = 0.4, .bootstrap = {.resamples = 100}}, executor);
  const Json json = ToJson(evaluation, Detail::kWithoutCurves);
  EXPECT_EQ(json["n"], 300);
  EXPECT_EQ(json["n_pupils"], 150);
  EXPECT_EQ(json["threshold"], 0.4);
  EXPECT_NEAR(json["base_rate"].get<double>(), 0.5, 0.1);
  for (const char* metric : {"roc_auc", "pr_auc", "recall", "precision", "f1", "f2", "brier", "calibration_error"}) {
    ASSERT_TRUE(json[metric]["value"].is_number()) << metric;
    ASSERT_EQ(json[metric]["ci95"].size(), 2U) << metric;
    EXPECT_LT(json[metric]["ci95"][0].get<double>(), json[metric]["ci95"][1].get<double>()) << metric;
  }
  EXPECT_TRUE(json["flagged_rate"].is_number());
  const Json& cells = json["confusion_matrix"];
  EXPECT_EQ(cells["tp"].get<int>() + cells["fp"].get<int>() + cells["tn"].get<int>() + cells["fn"].get<int>(), 300);
  EXPECT_GT(json["persistence_rule"]["model_minus_rule"]["roc_auc"]["value"].get<double>(), -0.2);
  EXPECT_NEAR(json["persistence_rule"]["recall"]["value"].get<double>(), 0.8, 0.1);
  EXPECT_FALSE(json.contains("curves"));
  EXPECT_TRUE(ToJson(evaluation, Detail::kWithCurves).contains("curves"));
}

TEST(Evaluation, MarksSmallSubgroupsAndKeepsTheUnknownApart) {
  const ScoredPupils data = MakePupils(300);
  InlineExecutor executor;
  const auto evaluation = Evaluate(data.View(), {.bootstrap = {.resamples = 50}}, executor);
  ASSERT_EQ(evaluation.subgroups.size(), 4U);
  size_t total = 0;
  for (const Subgroup& group : evaluation.subgroups) {
    total += group.n;
    EXPECT_EQ(group.small, group.value == "Outro" || group.value == "?") << group.value;
  }
  EXPECT_EQ(total, 300U);
}

TEST(Evaluation, AGroupOfOneClassIsSmallHoweverLarge) {
  ScoredPupils data = MakePupils(200);
  data.groupings[0].codes.assign(200, 0);
  data.labels.assign(200, 0);
  InlineExecutor executor;
  const auto evaluation = Evaluate(data.View(), {.bootstrap = {.resamples = 20}}, executor);
  ASSERT_EQ(evaluation.subgroups.size(), 1U);
  EXPECT_TRUE(evaluation.subgroups[0].small);
  const Json json = ToJson(evaluation, Detail::kWithoutCurves);
  EXPECT_TRUE(json["roc_auc"]["value"].is_null());
  EXPECT_TRUE(json["roc_auc"]["ci95"].is_null());
}

TEST(Evaluation, OfNoRowsIsNullsAndNotACrash) {
  InlineExecutor executor;
  const Json json = ToJson(Evaluate({}, {}, executor), Detail::kWithCurves);
  EXPECT_EQ(json["n"], 0);
  EXPECT_TRUE(json["brier"]["value"].is_null());
  EXPECT_TRUE(json["persistence_rule"].is_null());
}

}  // namespace
}  // namespace vigia::evaluation
