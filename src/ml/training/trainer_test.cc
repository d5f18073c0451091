#include "training/trainer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/mem_files.h"
#include "scoring/model.h"
#include "training/artifacts.h"
#include "training/testing/school_table.h"

namespace vigia::training {
namespace {

// One candidate of each family and set, few folds: seconds become milliseconds.
Recipe SmallRecipe() {
  Recipe recipe = DefaultRecipe();
  std::vector<Candidate> some;
  for (Candidate candidate : recipe.candidates) {
    const std::string& name = candidate.name;
    if (name != "logistic_c1_stable" && name != "logistic_c1_full" && name != "boosting_depth3_stable" &&
        name != "forest_depth6_stable") {
      continue;
    }
    candidate.trees.num_parallel_tree = std::min(candidate.trees.num_parallel_tree, 30);
    candidate.trees.rounds = std::min(candidate.trees.rounds, 30);
    some.push_back(candidate);
  }
  recipe.candidates = some;
  recipe.folds = 3;
  recipe.repeats = 2;
  return recipe;
}

Recipe OnlyRecipe(const std::string& name) {
  Recipe recipe = SmallRecipe();
  std::erase_if(recipe.candidates, [&](const Candidate& c) { return c.name != name; });
  return recipe;
}

TrainedModel TrainWith(const Recipe& recipe, Executor& executor, const SchoolTable& table = {}) {
  NoProgress progress;
  auto model = Train(table.Make(), recipe, executor, progress);
  EXPECT_TRUE(model.ok()) << model.error().message();
  return std::move(model).value();
}

TEST(Trainer, SameDataAndSeedGiveTheSameBytesOnAnyThreads) {
  InlineExecutor one;
  ThreadExecutor many(4);
  const ArtifactInfo info{"v1.0.0", WallTime{}};
  const auto a = RenderArtifacts(TrainWith(SmallRecipe(), one), info);
  const auto b = RenderArtifacts(TrainWith(SmallRecipe(), many), info);
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, bytes] : a) EXPECT_EQ(bytes, b.at(name)) << name;
  Recipe other = SmallRecipe();
  other.seed = 43;
  EXPECT_NE(RenderArtifacts(TrainWith(other, one), info).at("metrics.json"), a.at("metrics.json"));
}

TEST(Trainer, EveryFamilyLoadsAndScoresAsTrained) {
  InlineExecutor executor;
  for (const CalibrationChoice calibration : {CalibrationChoice::kSigmoid, CalibrationChoice::kIsotonic}) {
    for (const Candidate& candidate : SmallRecipe().candidates) {
      Recipe recipe = OnlyRecipe(candidate.name);
      recipe.calibration = calibration;
      const TrainedModel trained = TrainWith(recipe, executor);
      const auto model = scoring::Model::FromText(CompactJson(ModelJson(trained)));
      ASSERT_TRUE(model.ok()) << candidate.name << ": " << model.error().message();
      EXPECT_EQ((*model)->family(), FamilyName(candidate.family));
      EXPECT_EQ((*model)->threshold(), trained.threshold.chosen.threshold);
      std::vector<float> scratch((*model)->pipeline().input_width());
      for (const GoldenRow& row : trained.golden) {
        EXPECT_NEAR((*model)->Score(row.raw, row.year, scratch), row.score, 1e-6) << candidate.name;
      }
    }
  }
}

TEST(Trainer, LearnsWhatThereIsToLearn) {
  InlineExecutor executor;
  const TrainedModel model = TrainWith(SmallRecipe(), executor, {.pupils = 400});
  const auto& metrics = model.cross_validated.metrics;
  EXPECT_GT(metrics[evaluation::Metric::kRocAuc].value, 0.75);
  EXPECT_GT(model.cross_validated.gain_over_persistence.value()[evaluation::Metric::kRocAuc].value, 0);
  EXPECT_LT(metrics[evaluation::Metric::kCalibrationError].value, 0.12);
  EXPECT_GE(model.threshold.chosen.recall, 0.80);
  EXPECT_LT(metrics[evaluation::Metric::kFlaggedRate].value, 1);
  EXPECT_GT(metrics[evaluation::Metric::kFlaggedRate].value, 0);
  EXPECT_EQ(model.candidate.inputs, InputSet::kStable);
  for (const FeatureImportance& feature : model.importance) EXPECT_NE(feature.feature, "genero");
  EXPECT_FALSE(model.temporal.has_value());
}

TEST(Trainer, UnmeasuredItIsTheSameModel) {
  InlineExecutor executor;
  NoProgress progress;
  const tabular::Table table = SchoolTable{.pupils = 150, .years = {2022, 2023}}.Make();
  const auto measured = Train(table, SmallRecipe(), executor, progress);
  const auto unmeasured = TrainUnmeasured(table, SmallRecipe(), executor, progress);
  ASSERT_TRUE(measured.ok() && unmeasured.ok());
  EXPECT_EQ(CompactJson(ModelJson(*measured)), CompactJson(ModelJson(*unmeasured)));
  EXPECT_FALSE(measured->importance.empty());
  EXPECT_TRUE(unmeasured->importance.empty());
  EXPECT_EQ(unmeasured->cross_validated.n, 0U);
}

TEST(Trainer, ValidatesOnLaterYearsWhenThereAreSome) {
  InlineExecutor executor;
  const TrainedModel model =
      TrainWith(OnlyRecipe("logistic_c1_stable"), executor, {.pupils = 150, .years = {2022, 2023, 2024}});
  ASSERT_TRUE(model.temporal.has_value());
  EXPECT_EQ(model.temporal->n, 300U);
  EXPECT_TRUE(model.comparison[0].temporal_auc.has_value());
  EXPECT_EQ(model.spec.reference_year, 2024);
  EXPECT_EQ(model.cross_validated.pupils, 150U);
}

TEST(Trainer, RefusesLabelsThatNothingExplains) {
  tabular::Table table = SchoolTable{.pupils = 200}.Make();
  Rng rng(5);
  std::vector<double> coins;
  for (size_t row = 0; row < table.rows(); ++row) coins.push_back(rng.Uniform() < 0.5);
  table.Drop("em_risco");
  table.AddNumbers("em_risco", coins);
  InlineExecutor executor;
  NoProgress progress;
  const auto model = Train(table, OnlyRecipe("logistic_c1_stable"), executor, progress);
  // By luck a coin may look learnable; then the threshold still flags neither everyone nor no one.
  if (model.ok()) {
    EXPECT_LT(model->cross_validated.metrics[evaluation::Metric::kFlaggedRate].value, 1);
  } else {
    EXPECT_EQ(model.error().code(), Code::kFailedPrecondition);
  }
}

class ArtifactsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    InlineExecutor executor;
    model_ = new TrainedModel(TrainWith(OnlyRecipe("logistic_c1_stable"), executor));
  }
  static void TearDownTestSuite() {
    delete model_;
    model_ = nullptr;
  }
  static TrainedModel* model_;
  FakeClock clock_{WallTime{}};
  MemFiles files_{clock_};
  ArtifactInfo info_{"v1.2.3", WallTime{}};
};
TrainedModel* ArtifactsTest::model_ = nullptr;

TEST_F(ArtifactsTest, AreWrittenAllOrNone) {
  const auto first = RenderArtifacts(*model_, info_);
  ASSERT_TRUE(WriteArtifacts(files_, "home/artifacts", first).ok());
  const auto second = RenderArtifacts(*model_, {"v9.9.9", WallTime{}});
  // The disk fills up at every write of the staging in turn.
  for (int writes = 0; writes < static_cast<int>(second.size()); ++writes) {
    files_.FailWritesAfter(writes);
    ASSERT_FALSE(WriteArtifacts(files_, "home/artifacts", second).ok()) << writes;
    files_.FailWritesAfter(-1);
    for (const auto& [name, bytes] : first) EXPECT_EQ(files_.Read("home/artifacts/" + name).value(), bytes) << name;
  }
  ASSERT_TRUE(WriteArtifacts(files_, "home/artifacts", second).ok());
  for (const auto& [name, bytes] : second) EXPECT_EQ(files_.Read("home/artifacts/" + name).value(), bytes) << name;
  EXPECT_FALSE(files_.Exists("home/artifacts.staging/model.json"));
}

TEST_F(ArtifactsTest, OneTrainingAtATime) {
  const auto lock = files_.Lock("home/artifacts.lock").value();
  const Status status = WriteArtifacts(files_, "home/artifacts", {{"model.json", "{}"}});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kUnavailable);
}

TEST_F(ArtifactsTest, HoldTheFieldsOfTheContract) {
  const Json metadata = MetadataJson(*model_, info_);
  for (const char* key :
       {"model_version", "created_at", "seed", "target_definition", "training_periods", "n_rows", "expected_features",
        "reference_year", "model_family", "calibration", "threshold_policy", "libs_versions", "threshold_source"}) {
    EXPECT_TRUE(metadata.contains(key)) << key;
  }
  EXPECT_EQ(metadata["features_without_training_data"].size(), 9U);
  EXPECT_EQ(metadata["threshold_policy"]["min_recall"], 0.8);
  EXPECT_EQ(metadata["training_periods"], Json::array({"2022-2023"}));
  const Json signature = SignatureJson(*model_, info_);
  EXPECT_EQ(signature["input_schema"]["ida"]["type"], "number");
  EXPECT_EQ(signature["input_schema"]["ipp"]["in_training"], false);
  EXPECT_EQ(signature["input_schema"]["genero"]["levels"], Json::array({"Feminino", "Masculino"}));
  EXPECT_EQ(signature["example_request"]["instances"].size(), 1U);
  EXPECT_TRUE(signature["example_response"]["predictions"][0]["risk_score"].is_number());
  const Json metrics = MetricsJson(*model_, info_);
  EXPECT_TRUE(metrics["validation_metrics"]["roc_auc"]["ci95"].is_array());
  EXPECT_EQ(metrics["validation_metrics"]["n"], 150);
  EXPECT_EQ(ComparisonJson(*model_, info_)["ranking"].size(), 1U);
  EXPECT_EQ(GoldenJson(*model_)["rows"].size(), 64U);
}

TEST_F(ArtifactsTest, MetadataVouchesForTheOthers) {
  const auto artifacts = RenderArtifacts(*model_, info_);
  const Json metadata = ParseJson(artifacts.at("model_metadata.json")).value();
  EXPECT_EQ(metadata["artifacts_sha256"].size(), artifacts.size() - 1);
  EXPECT_EQ(metadata["artifacts_sha256"]["model.json"].get<std::string>().size(), 64U);
}

TEST_F(ArtifactsTest, TheHtmlReportFetchesNothingAndSpeaksBothLanguages) {
  const std::string html = RenderArtifacts(*model_, info_).at("model_report.html");
  for (const char* outside : {"http:", "https:", "<script", "src=", "@import", "url("}) {
    EXPECT_EQ(html.find(outside), std::string::npos) << outside;
  }
  for (const char* inside : {"Curva ROC", "ROC curve", "Calibração", "Calibration", "Limites", "Limits", "v1.2.3"}) {
    EXPECT_NE(html.find(inside), std::string::npos) << inside;
  }
  EXPECT_EQ(html.find("nan"), std::string::npos);
}

TEST_F(ArtifactsTest, NoneHoldsAPupilsNumber) {
  for (const auto& [name, bytes] : RenderArtifacts(*model_, info_)) {
    EXPECT_EQ(bytes.find("98765"), std::string::npos) << name << " names a pupil";
  }
}

}  // namespace
}  // namespace vigia::training
