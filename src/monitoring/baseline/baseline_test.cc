#include "baseline/baseline.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/mem_files.h"
#include "base/random.h"
#include "tabular/table.h"

namespace vigia::baseline {
namespace {

using tabular::kMissing;

struct Source {
  tabular::Table table;
  std::vector<double> scores;
};

Source MakeSource(size_t rows = 400) {
  Rng rng(7);
  std::vector<double> iaa, fase, em_risco;
  std::vector<std::optional<std::string>> genero;
  Source source;
  for (size_t i = 0; i < rows; ++i) {
    iaa.push_back(i % 10 == 0 ? kMissing : 6 + rng.Normal());
    fase.push_back(static_cast<double>(rng.Below(8)));
    genero.push_back(rng.Below(3) == 0 ? "Menina" : "Menino");
    em_risco.push_back(static_cast<double>(rng.Below(2)));
    source.scores.push_back(0.2 + 0.6 * rng.Uniform());
  }
  source.table.AddNumbers("iaa", iaa);
  source.table.AddNumbers("fase", fase);
  source.table.AddCategories("genero", genero);
  source.table.AddNumbers("em_risco_2024", em_risco);
  return source;
}

BaselineSettings Settings() {
  BaselineSettings settings;
  settings.model_version = "v1.1.0";
  settings.features = {"iaa", "fase", "genero", "ips"};
  settings.threshold = 0.4;
  settings.source = "training data";
  settings.data_path = "data/processed/modeling_dataset.parquet";
  settings.created_at = *ParseTime("2026-11-20T10:00:00Z");
  return settings;
}

TEST(BaselineTest, ProfilesTheModelsFeaturesAndNothingElse) {
  const Source source = MakeSource();
  const Baseline baseline = *BuildBaseline(source.table, source.scores, Settings());
  ASSERT_EQ(baseline.features.size(), 4u);
  EXPECT_EQ(baseline.Find("em_risco_2024"), nullptr);
  EXPECT_EQ(baseline.n_samples, 400u);
  const FeatureProfile& iaa = *baseline.Find("iaa");
  EXPECT_EQ(iaa.type, FeatureType::kNumeric);
  EXPECT_EQ(iaa.missing, 40u);
  EXPECT_DOUBLE_EQ(iaa.missing_rate(), 0.1);
  EXPECT_NEAR(iaa.stats.mean, 6, 0.2);
  EXPECT_NEAR(iaa.stats.std, 1, 0.1);
  EXPECT_EQ(iaa.counts[iaa.bins.missing()], 40u);
  EXPECT_EQ(baseline.Find("fase")->bins.kind, BinKind::kValues);
  EXPECT_EQ(baseline.Find("genero")->bins.levels.front(), "Menino");
}

// The published tool typed such a column float64 with an empty profile, and drift was red for ever.
TEST(BaselineTest, AFeatureThatTheSourceLacksIsUnknown) {
  const Source source = MakeSource();
  const Baseline baseline = *BuildBaseline(source.table, source.scores, Settings());
  const FeatureProfile& ips = *baseline.Find("ips");
  EXPECT_EQ(ips.type, FeatureType::kUnknown);
  EXPECT_EQ(ips.count, 0u);
  EXPECT_DOUBLE_EQ(ips.missing_rate(), 1.0);
}

// The published tool looked for a column that was not there and wrote a flat histogram instead;
// otherwise it took labels plus noise. Ours are the model's own scores, and there is no way around.
TEST(BaselineTest, ScoresAreTheModelsOwn) {
  Source source = MakeSource();
  Baseline baseline = *BuildBaseline(source.table, source.scores, Settings());
  EXPECT_EQ(baseline.scores.count, 400u);
  EXPECT_EQ(baseline.scores.histogram[0], 0u);  // nothing below 0.05: not flat
  EXPECT_NEAR(baseline.scores.stats.mean, 0.5, 0.02);
  EXPECT_NEAR(baseline.scores.positive_rate, 0.667, 0.06);
  EXPECT_NEAR(baseline.scores.positive_rate_at_half, 0.5, 0.06);
  source.scores.pop_back();
  EXPECT_FALSE(BuildBaseline(source.table, source.scores, Settings()).ok());
  source.scores.push_back(1.5);
  EXPECT_FALSE(BuildBaseline(source.table, source.scores, Settings()).ok());
  source.scores.back() = kMissing;
  EXPECT_FALSE(BuildBaseline(source.table, source.scores, Settings()).ok());
}

TEST(BaselineTest, EmptySourcesAreRefused) {
  EXPECT_EQ(BuildBaseline({}, {}, Settings()).error().code(), Code::kInvalidArgument);
  const Source source = MakeSource();
  BaselineSettings settings = Settings();
  settings.features.clear();
  EXPECT_FALSE(BuildBaseline(source.table, source.scores, settings).ok());
}

TEST(BaselineTest, FilesHaveTheFieldsThatPeopleKnow) {
  const Source source = MakeSource();
  const Baseline baseline = *BuildBaseline(source.table, source.scores, Settings());
  const Json features = FeatureProfileJson(baseline);
  for (const char* key : {"type", "count", "missing_rate", "quantiles", "mean", "std", "min", "max", "bins"}) {
    EXPECT_TRUE(features["iaa"].contains(key)) << key;
  }
  for (const char* key : {"p05", "p25", "p50", "p75", "p95"}) EXPECT_TRUE(features["iaa"]["quantiles"].contains(key));
  EXPECT_EQ(features["genero"]["n_unique"], 2);
  EXPECT_GT(features["genero"]["top_values"]["Menino"]["freq"].get<double>(), 0.5);
  EXPECT_EQ(features["ips"]["type"], "unknown");
  EXPECT_EQ(features["ips"]["missing_rate"], 1.0);
  const Json scores = ScoreProfileJson(baseline);
  EXPECT_EQ(scores["histogram"]["bin_edges"].size(), 21u);
  EXPECT_EQ(scores["histogram"]["counts"].size(), 20u);
  const Json metadata = MetadataJson(baseline);
  EXPECT_EQ(metadata["model_version"], "v1.1.0");
  EXPECT_EQ(metadata["n_features"], 4);
  EXPECT_EQ(metadata["feature_list"][3], "ips");
}

TEST(BaselineTest, TopTenValuesAndTheRest) {
  std::vector<std::optional<std::string>> turma;
  for (int i = 0; i < 24; ++i) {
    for (int copies = 0; copies <= i; ++copies) turma.push_back("t" + std::to_string(i));
  }
  tabular::Table table;
  table.AddCategories("turma", turma);
  BaselineSettings settings = Settings();
  settings.features = {"turma"};
  const std::vector<double> scores(turma.size(), 0.5);
  const Json top = FeatureProfileJson(*BuildBaseline(table, scores, settings))["turma"]["top_values"];
  EXPECT_EQ(top.size(), 11u);
  EXPECT_TRUE(top.contains("__other__"));
  EXPECT_EQ(top["t23"]["count"], 24);
}

TEST(BaselineTest, WrittenAndReadAgain) {
  FakeClock clock(*ParseTime("2026-11-20T10:00:00Z"));
  MemFiles files(clock);
  const Source source = MakeSource();
  const Baseline baseline = *BuildBaseline(source.table, source.scores, Settings());
  const std::string folder = BaselineFolder("home", "v1.1.0");
  EXPECT_EQ(folder, "home/monitoring/baseline/v1.1.0");
  ASSERT_TRUE(WriteBaseline(files, folder, baseline).ok());
  const Baseline again = *ReadBaseline(files, folder);
  EXPECT_EQ(FeatureProfileJson(again).dump(), FeatureProfileJson(baseline).dump());
  EXPECT_EQ(ScoreProfileJson(again).dump(), ScoreProfileJson(baseline).dump());
  EXPECT_EQ(MetadataJson(again).dump(), MetadataJson(baseline).dump());
}

TEST(BaselineTest, TheRegistrysCopyIsFoundToo) {
  FakeClock clock(*ParseTime("2026-11-20T10:00:00Z"));
  MemFiles files(clock);
  const auto none = FindBaseline(files, "home", "v1.1.0");
  EXPECT_EQ(none.error().code(), Code::kNotFound);
  EXPECT_NE(none.error().message().find("vigia baseline build"), std::string::npos);
  const Source source = MakeSource();
  const Baseline baseline = *BuildBaseline(source.table, source.scores, Settings());
  ASSERT_TRUE(WriteBaseline(files, RegisteredBaselineFolder("home", "v1.1.0"), baseline).ok());
  EXPECT_EQ(FindBaseline(files, "home", "v1.1.0")->model_version, "v1.1.0");
  // Artifacts may be registered under another name than they were trained with: the predictions have that one.
  ASSERT_TRUE(WriteBaseline(files, RegisteredBaselineFolder("home", "v1.2.0"), baseline).ok());
  EXPECT_EQ(FindBaseline(files, "home", "v1.2.0")->model_version, "v1.2.0");
}

TEST(BaselineTest, AnInterruptedRebuildIsNoticed) {
  FakeClock clock(*ParseTime("2026-11-20T10:00:00Z"));
  MemFiles files(clock);
  const Source source = MakeSource();
  ASSERT_TRUE(WriteBaseline(files, "b", *BuildBaseline(source.table, source.scores, Settings())).ok());
  const Source other = MakeSource(300);
  const Baseline rebuilt = *BuildBaseline(other.table, other.scores, Settings());
  for (int writes = 0; writes < 2; ++writes) {
    files.FailWritesAfter(writes);
    EXPECT_FALSE(WriteBaseline(files, "b", rebuilt).ok());
    files.FailWritesAfter(-1);
    if (writes == 0) {
      EXPECT_EQ(ReadBaseline(files, "b")->n_samples, 400u);
    } else {
      EXPECT_EQ(ReadBaseline(files, "b").error().code(), Code::kDataLoss);
    }
  }
  ASSERT_TRUE(WriteBaseline(files, "b", rebuilt).ok());
  EXPECT_EQ(ReadBaseline(files, "b")->n_samples, 300u);
}

TEST(BaselineTest, DamagedFilesAreRefusedByName) {
  FakeClock clock(*ParseTime("2026-11-20T10:00:00Z"));
  MemFiles files(clock);
  const Source source = MakeSource();
  const Baseline baseline = *BuildBaseline(source.table, source.scores, Settings());
  Json features = FeatureProfileJson(baseline);
  features["iaa"]["bins"]["missing"] = 41;
  EXPECT_EQ(BaselineFromJson(features, ScoreProfileJson(baseline), MetadataJson(baseline)).error().code(),
            Code::kDataLoss);
  features = FeatureProfileJson(baseline);
  features["genero"]["type"] = "numeric";
  EXPECT_FALSE(BaselineFromJson(features, ScoreProfileJson(baseline), MetadataJson(baseline)).ok());
  Json scores = ScoreProfileJson(baseline);
  scores["histogram"]["counts"].erase(0);
  EXPECT_FALSE(BaselineFromJson(FeatureProfileJson(baseline), scores, MetadataJson(baseline)).ok());
  ASSERT_TRUE(files.Write("b/baseline_metadata.json", "{").ok());
  EXPECT_NE(ReadBaseline(files, "b").error().message().find("baseline_metadata.json"), std::string::npos);
}

}  // namespace
}  // namespace vigia::baseline
