#include "training/recipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "features/pipeline.h"
#include "training/data.h"
#include "training/feature_fitting.h"
#include "training/testing/school_table.h"

namespace vigia::training {
namespace {

const PlannedInput* Find(const std::vector<PlannedInput>& plan, const std::string& name) {
  const auto found = std::find_if(plan.begin(), plan.end(), [&](const auto& p) { return p.derived.name == name; });
  return found == plan.end() ? nullptr : &*found;
}

TEST(Recipe, CandidatesHaveNamesOfTheirOwnAndCoverTheFamilies) {
  const Recipe recipe = DefaultRecipe();
  std::set<std::string> names;
  std::set<Family> families;
  for (const Candidate& candidate : recipe.candidates) {
    names.insert(candidate.name);
    families.insert(candidate.family);
  }
  EXPECT_EQ(names.size(), recipe.candidates.size());
  EXPECT_EQ(families.size(), 3U);
}

TEST(Recipe, KeepsTheFamiliesThatAreNamed) {
  Recipe recipe = DefaultRecipe();
  const size_t all = recipe.candidates.size();
  KeepFamilies({}, recipe);
  EXPECT_EQ(recipe.candidates.size(), all);
  KeepFamilies(FamilyNames(), recipe);
  EXPECT_EQ(recipe.candidates.size(), all);
  KeepFamilies({"logistic_regression", "random_forest"}, recipe);
  std::set<Family> families;
  for (const Candidate& candidate : recipe.candidates) families.insert(candidate.family);
  EXPECT_EQ(families, (std::set<Family>{Family::kLogisticRegression, Family::kRandomForest}));
}

TEST(Recipe, AnIndicatorWithoutDataTakesNoPart) {
  const Recipe recipe;
  const auto data = ReadTrainingData(SchoolTable{}.Make(), recipe).value();
  const auto plan = PlanInputs(InputSet::kFull, data.raw, recipe);
  const PlannedInput* mean = Find(plan, "media_indicadores");
  ASSERT_NE(mean, nullptr);
  EXPECT_EQ(mean->derived.inputs, (std::vector<std::string>{"ieg", "ida", "ipv"})) << "ipp has no value";
  EXPECT_EQ(Find(plan, "ipp"), nullptr);
  EXPECT_EQ(Find(plan, "ipp_ausente"), nullptr);
  EXPECT_NE(Find(plan, "ipv_ausente"), nullptr) << "about 10% are missing";
  EXPECT_EQ(Find(plan, "ida_ausente"), nullptr);
  EXPECT_NE(Find(plan, "genero=Feminino"), nullptr);
  EXPECT_NE(Find(plan, "anos_programa"), nullptr);
  EXPECT_EQ(Find(plan, "defasagem_se_retido")->monotone, -1);
}

TEST(Recipe, StableInputsAreTheFive) {
  const Recipe recipe;
  const auto data = ReadTrainingData(SchoolTable{}.Make(), recipe).value();
  std::vector<std::string> names;
  for (const auto& input : PlanInputs(InputSet::kStable, data.raw, recipe)) names.push_back(input.derived.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"fase", "idade", "defasagem_atual", "defasagem_se_retido", "media_academica"}));
}

TEST(FeatureFitting, UsesTheNamedRowsOnly) {
  const Recipe recipe;
  TrainingData data = ReadTrainingData(SchoolTable{}.Make(), recipe).value();
  const auto plan = PlanInputs(InputSet::kFull, data.raw, recipe);
  std::vector<size_t> rows;
  for (size_t row = 0; row < data.rows(); row += 2) rows.push_back(row);
  const auto before = FitFeatures(plan, data, rows).value();
  for (size_t row = 1; row < data.rows(); row += 2) {
    for (size_t f = 0; f < data.raw.size(); ++f) {
      if (data.raw[f].feature.type != features::FeatureType::kCategory) data.values[row * data.raw.size() + f] = 9;
    }
  }
  const auto after = FitFeatures(plan, data, rows).value();
  EXPECT_TRUE(before.pipeline.spec() == after.pipeline.spec());
  EXPECT_FALSE(FitFeatures(plan, data, AllRows(data)).value().pipeline.spec() == before.pipeline.spec());
}

TEST(FeatureFitting, LeavesNoInputMissing) {
  const Recipe recipe;
  const auto data = ReadTrainingData(SchoolTable{}.Make(), recipe).value();
  const auto rows = AllRows(data);
  const auto fitted = FitFeatures(PlanInputs(InputSet::kFull, data.raw, recipe), data, rows).value();
  for (const float value : ComputeInputs(fitted.pipeline, data, rows).values) EXPECT_FALSE(std::isnan(value));
}

}  // namespace
}  // namespace vigia::training
