#include "retrain/retrain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/mem_files.h"
#include "retrain/report.h"
#include "training/artifacts.h"
#include "training/testing/school_table.h"

namespace vigia::retrain {
namespace {

using registry::VersionStatus;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

training::Recipe QuickRecipe() {
  training::Recipe recipe = training::DefaultRecipe();
  std::erase_if(recipe.candidates, [](const training::Candidate& c) { return c.name != "logistic_c1_stable"; });
  recipe.folds = 3;
  recipe.repeats = 1;
  return recipe;
}

// A world in memory, with a registry and a school of made-up pupils.
struct School {
  School() {
    settings.recipe = QuickRecipe();
    settings.comparison.bootstrap.resamples = 200;
    settings.comparison.folds = 3;
    settings.work_folder = "state/retrain";
  }

  static tabular::Table Rows(const std::vector<int>& years, size_t pupils = 200, uint64_t seed = 1) {
    training::SchoolTable school;
    school.years = years;
    school.pupils = pupils;
    school.seed = seed;
    return school.Make();
  }

  // Labels turned around: what is learnt from it is wrong everywhere else.
  static tabular::Table Reversed(tabular::Table table) {
    std::vector<double> labels = table.Find("em_risco")->numbers;
    for (double& label : labels) label = 1 - label;
    table.Drop("em_risco");
    table.AddNumbers("em_risco", labels);
    return table;
  }

  void MakeChampion(const std::string& version, const tabular::Table& table) {
    const auto model = training::Train(table, settings.recipe, executor, progress);
    ASSERT_TRUE(model.ok()) << model.error().message();
    for (const auto& [name, bytes] : training::RenderArtifacts(*model, {version, clock.Now()})) {
      ASSERT_TRUE(files.Write("champion/" + name, bytes).ok());
    }
    ASSERT_TRUE(registry.Register({version, "champion", "", "ana", "", ""}).ok());
    ASSERT_TRUE(registry.Promote({version, "ana", ""}).ok());
  }

  Result<Report> Run(const std::string& version, const tabular::Table& table, Mode mode = Mode::kForReal,
                     Force force = Force::kNo) {
    return Retrain(table, {version, "bia", "rows.parquet", mode, force}, settings,
                   {registry, files, clock, executor, progress});
  }

  std::string ChampionName() { return registry.CurrentChampion().value()->version; }

  FakeClock clock{ParseTime("2026-11-20T10:00:00Z").value()};
  MemFiles files{clock};
  registry::Registry registry{{"models/registry"}, files, clock};
  InlineExecutor executor;
  NoProgress progress;
  Settings settings;
};

TEST(Retrain, TheFirstVersionIsApprovedWithoutComparison) {
  School school;
  const auto report = school.Run("v1.0.0", School::Rows({2022}));
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report->outcome, Outcome::kPromoted);
  EXPECT_FALSE(report->comparison);
  EXPECT_EQ(school.ChampionName(), "v1.0.0");
  EXPECT_THAT(school.registry.Verify().value(), IsEmpty());
}

TEST(Retrain, ComparesOnTheYearThatTheChampionHasNotSeen) {
  School school;
  school.MakeChampion("v1.0.0", School::Rows({2021}));
  const auto report = school.Run("v1.1.0", School::Rows({2021, 2022}));
  ASSERT_TRUE(report.ok()) << report.error().message();
  ASSERT_TRUE(report->comparison);
  EXPECT_EQ(report->comparison->holdout, Holdout::kLaterYears);
  EXPECT_EQ(report->comparison->years, std::vector<int>{2022});
  EXPECT_EQ(report->comparison->rows, 200U);
  EXPECT_NE(report->verdict, Verdict::kRejected);
}

TEST(Retrain, TheSameYearAgainIsComparedWithACaveat) {
  School school;
  school.MakeChampion("v1.0.0", School::Rows({2022}));
  const auto report = school.Run("v1.1.0", School::Rows({2022}));
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report->comparison->holdout, Holdout::kGrouped);
  EXPECT_THAT(report->warnings, ::testing::Contains(HasSubstr("flatters")));
  EXPECT_THAT(Markdown(*report), HasSubstr("Ressalva"));
}

TEST(Retrain, AWorseChallengerIsKeptAndMarkedWithReasons) {
  School school;
  school.MakeChampion("v1.0.0", School::Rows({2021}, 400));
  // Twenty old years of reversed labels drown the one year that is right.
  tabular::Table poisoned = School::Rows({2022}, 150, 5);
  ASSERT_TRUE(poisoned.Append(School::Reversed(School::Rows({2019, 2020, 2021}, 600, 6))).ok());
  std::vector<double> pupils(poisoned.rows());
  for (size_t i = 0; i < pupils.size(); ++i) pupils[i] = static_cast<double>(i);
  poisoned.Drop("aluno");
  poisoned.AddNumbers("aluno", pupils);
  const auto report = school.Run("v1.1.0", poisoned);
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report->verdict, Verdict::kRejected);
  EXPECT_EQ(report->outcome, Outcome::kRejected);
  EXPECT_FALSE(report->succeeded());
  EXPECT_EQ(school.ChampionName(), "v1.0.0");
  const auto manifest = school.registry.Show("v1.1.0").value();
  EXPECT_EQ(manifest.status, VersionStatus::kRejected);
  EXPECT_THAT(manifest.rejection_reason, HasSubstr("roc_auc"));
  EXPECT_FALSE(school.registry.Promote({"v1.1.0", "ana", ""}).ok());

  const auto forced = school.Run("v1.2.0", poisoned, Mode::kForReal, Force::kYes);
  ASSERT_TRUE(forced.ok()) << forced.error().message();
  EXPECT_TRUE(forced->forced);
  EXPECT_EQ(forced->outcome, Outcome::kPromoted);
  EXPECT_EQ(school.ChampionName(), "v1.2.0");
  EXPECT_THAT(school.registry.Show("v1.2.0")->notes, HasSubstr("FORCED by bia"));
}

TEST(Retrain, ADryRunDecidesAndTouchesNothing) {
  School school;
  school.MakeChampion("v1.0.0", School::Rows({2021}));
  const int writes = school.files.write_count();
  const auto report = school.Run("v1.1.0", School::Rows({2021, 2022}), Mode::kDryRun);
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_EQ(report->outcome, Outcome::kDryRun);
  EXPECT_TRUE(report->comparison);
  EXPECT_EQ(school.files.write_count(), writes);
  EXPECT_FALSE(school.files.Exists("state"));
  EXPECT_EQ(school.registry.List()->size(), 1U);
}

TEST(Retrain, RefusesBeforeItTrains) {
  School school;
  school.MakeChampion("v1.0.0", School::Rows({2022}));
  const auto error = [&](const std::string& version, const tabular::Table& table) {
    const auto report = school.Run(version, table);
    EXPECT_FALSE(report.ok());
    return report.ok() ? Code::kInternal : report.error().code();
  };
  const tabular::Table rows = School::Rows({2022});
  EXPECT_EQ(error("v1.0.0", rows), Code::kAlreadyExists);
  EXPECT_EQ(error("..", rows), Code::kInvalidArgument);
  EXPECT_EQ(error("", rows), Code::kInvalidArgument);
  tabular::Table unlabelled = rows;
  unlabelled.Drop("em_risco");
  EXPECT_EQ(error("v1.1.0", unlabelled), Code::kInvalidArgument);
  tabular::Table leaking = rows;
  leaking.AddNumbers("defasagem_2023", rows.Find("em_risco")->numbers);
  EXPECT_FALSE(school.Run("v1.1.0", leaking).ok());
  EXPECT_EQ(school.registry.List()->size(), 1U);
  EXPECT_EQ(school.ChampionName(), "v1.0.0");
}

TEST(Retrain, ATamperedChampionIsNotCompared) {
  School school;
  school.MakeChampion("v1.0.0", School::Rows({2022}));
  ASSERT_TRUE(school.files.Write("models/registry/v1.0.0/model.json", "{}").ok());
  const auto report = school.Run("v1.1.0", School::Rows({2022}));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code(), Code::kDataLoss);
}

TEST(Retrain, OneAtATimeAndLeftoversGo) {
  School school;
  ASSERT_TRUE(school.files.Write("state/retrain/v0.9.0/model.json", "left by a killed run").ok());
  {
    const auto other = school.files.Lock("state/retrain/.lock");
    const auto report = school.Run("v1.0.0", School::Rows({2022}));
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code(), Code::kUnavailable);
  }
  ASSERT_TRUE(school.Run("v1.0.0", School::Rows({2022})).ok());
  EXPECT_FALSE(school.files.Exists("state/retrain/v0.9.0"));
  EXPECT_FALSE(school.files.Exists("state/retrain/v1.0.0"));
  EXPECT_FALSE(school.files.Exists("artifacts"));
}

// A disk that is full from the n-th write on, for every n: the registry stays whole, and says so.
TEST(Retrain, EveryWriteMayFail) {
  for (int writes = 0;; ++writes) {
    School school;
    school.MakeChampion("v1.0.0", School::Rows({2021}, 60));
    school.settings.comparison.bootstrap.resamples = 20;
    school.settings.comparison.min_rows = 20;
    school.settings.comparison.min_class_rows = 5;
    school.files.FailWritesAfter(writes);
    const auto report = school.Run("v1.1.0", School::Rows({2021, 2022}, 60), Mode::kForReal, Force::kYes);
    school.files.FailWritesAfter(-1);
    ASSERT_TRUE(school.registry.Recover().ok());
    EXPECT_THAT(school.registry.Verify().value(), IsEmpty()) << writes;
    const std::string champion = school.ChampionName();
    EXPECT_TRUE(registry::LoadBundle(school.files, "models/registry").ok()) << writes;
    if (!report.ok()) {
      EXPECT_EQ(champion, "v1.0.0") << writes;
    } else {
      EXPECT_EQ(champion, "v1.1.0") << writes;
    }
    if (report.ok() && report->warnings.size() <= 1) break;
    ASSERT_LT(writes, 200);
  }
}

TEST(Report, IsWrittenInBothFormsAndNeverOverwritten) {
  School school;
  const auto report = school.Run("v1.0.0", School::Rows({2022}));
  ASSERT_TRUE(report.ok());
  const auto first = WriteReport(school.files, "monitoring/reports", *report);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->json, "monitoring/reports/v1.0.0/retrain_report_20261120.json");
  const auto second = WriteReport(school.files, "monitoring/reports", *report);
  EXPECT_NE(second->json, first->json);
  const Json json = ParseJson(school.files.Read(first->json).value()).value();
  EXPECT_EQ(json["outcome"], "promoted");
  EXPECT_TRUE(json["champion"].is_null());
  EXPECT_THAT(school.files.Read(first->markdown).value(), HasSubstr("agora é o campeão"));
}

}  // namespace
}  // namespace vigia::retrain
