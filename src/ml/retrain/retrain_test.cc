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

// What is on the disk when the process is killed at each change: everything is copied just before it, and in
// the middle of a write. Training runs once, and every instant can be looked at.
class CopyingFiles final : public Files {
 public:
  using Disk = std::map<std::string, std::string>;
  struct Instant {
    std::string what;
    Disk disk;
  };

  CopyingFiles(MemFiles& real, std::vector<std::string> roots) : real_(real), roots_(std::move(roots)) {}

  const std::vector<Instant>& instants() const { return instants_; }
  Disk Copy() const {
    Disk disk;
    for (const std::string& root : roots_) CopyBelow(root, disk);
    return disk;
  }

  Result<std::string> Read(const std::string& path) const override { return real_.Read(path); }
  Status Write(const std::string& path, std::string_view bytes) override {
    Note("write " + path);
    instants_.push_back({"half of " + path, Copy()});  // as SystemFiles leaves it: aside, and not renamed
    instants_.back().disk[path + ".tmp-1-0"] = bytes.substr(0, bytes.size() / 2);
    return real_.Write(path, bytes);
  }
  Status Append(const std::string& path, std::string_view bytes, Sync sync) override {
    Note("append " + path);
    return real_.Append(path, bytes, sync);
  }
  Status MakeFolders(const std::string& path) override {
    Note("folders " + path);
    return real_.MakeFolders(path);
  }
  Status Rename(const std::string& from, const std::string& to) override {
    Note("rename " + to);
    return real_.Rename(from, to);
  }
  Status Remove(const std::string& path) override {
    Note("remove " + path);
    return real_.Remove(path);
  }
  Status RemoveTree(const std::string& path) override {
    Note("remove tree " + path);
    return real_.RemoveTree(path);
  }
  Result<std::vector<FileInfo>> List(const std::string& path) const override { return real_.List(path); }
  Result<FileInfo> Info(const std::string& path) const override { return real_.Info(path); }
  Result<DiskSpace> Space(const std::string& path) const override { return real_.Space(path); }
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override { return real_.Lock(path); }

 private:
  void Note(std::string what) { instants_.push_back({std::move(what), Copy()}); }
  void CopyBelow(const std::string& folder, Disk& disk) const {
    const auto listing = real_.List(folder);
    if (!listing.ok()) return;
    for (const FileInfo& info : *listing) {
      const std::string path = JoinPath(folder, info.name);
      const auto bytes = real_.Read(path);
      if (bytes.ok()) {
        disk[path] = *bytes;
      } else {
        CopyBelow(path, disk);
      }
    }
  }

  MemFiles& real_;
  const std::vector<std::string> roots_;
  std::vector<Instant> instants_;
};

TEST(Retrain, AKillAtAnyChangeOfTheDiskLeavesARegistryThatVerifiesAndServes) {
  School school;
  school.MakeChampion("v1.0.0", School::Rows({2021}));
  CopyingFiles copying(school.files, {"models", "state"});
  registry::Registry registry({"models/registry"}, copying, school.clock);
  const tabular::Table rows = School::Rows({2021, 2022});
  const auto add_baseline = [&](const std::string& folder, const tabular::Table&,
                                const training::TrainedModel&) -> Status {
    for (const char* name : {"feature_profile.json", "score_profile.json", "baseline_metadata.json"}) {
      TRY(copying.Write(JoinPath(folder, std::string("monitoring_baseline/") + name), "{}"));
    }
    return Status();
  };
  const auto report = Retrain(rows, {"v1.1.0", "bia", "rows.parquet", Mode::kForReal, Force::kYes}, school.settings,
                              {registry, copying, school.clock, school.executor, school.progress, add_baseline});
  ASSERT_TRUE(report.ok()) << report.error().message();
  ASSERT_EQ(report->outcome, Outcome::kPromoted);
  ASSERT_GT(copying.instants().size(), 20U);

  bool before = false, after = false;
  for (const CopyingFiles::Instant& instant : copying.instants()) {
    SCOPED_TRACE("killed at: " + instant.what);
    MemFiles disk(school.clock);
    for (const auto& [path, bytes] : instant.disk) ASSERT_TRUE(disk.Write(path, bytes).ok());
    registry::Registry restarted({"models/registry"}, disk, school.clock);
    const std::string champion = restarted.CurrentChampion().value()->version;
    EXPECT_TRUE(champion == "v1.0.0" || champion == "v1.1.0") << champion;
    before = before || champion == "v1.0.0";
    after = after || champion == "v1.1.0";
    EXPECT_THAT(restarted.Verify().value(), IsEmpty());
    const auto served = registry::LoadBundle(disk, "models/registry", "champion");
    ASSERT_TRUE(served.ok()) << served.error().message();
    EXPECT_EQ(served->version, champion);
    ASSERT_TRUE(restarted.Recover().ok());
    EXPECT_THAT(restarted.Verify().value(), IsEmpty());
    EXPECT_EQ(restarted.ReadHistory()->problem, "");
  }
  EXPECT_TRUE(before && after);
}

}  // namespace
}  // namespace vigia::retrain
