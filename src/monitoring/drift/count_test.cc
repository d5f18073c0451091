#include "drift/count.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "base/temp_folder.h"
#include "columnar/frame_io.h"
#include "tabular/table.h"

namespace vigia::drift {
namespace {

using columnar::Type;
using tabular::kMissing;

struct Row {
  WallTime time;
  std::string version = "v1.1.0";
  std::string kind = "prediction";
  std::optional<double> iaa;
  std::optional<std::string> genero;
  double score = 0.5;
  int64_t index = 0;
};

columnar::Frame ToFrame(const std::vector<Row>& rows) {
  columnar::Frame frame;
  for (const auto& [name, type] : std::vector<std::pair<std::string, Type>>{{"timestamp", Type::kTimestamp},
                                                                            {"instance_index", Type::kInt64},
                                                                            {"kind", Type::kText},
                                                                            {"model_version", Type::kText},
                                                                            {"iaa", Type::kNumber},
                                                                            {"genero", Type::kText},
                                                                            {"risk_score", Type::kNumber},
                                                                            {"risk_label", Type::kInt64}}) {
    frame.Add(name, type);
  }
  for (const Row& row : rows) {
    frame.columns[0].AppendTimestamp(row.time);
    frame.columns[1].AppendInteger(row.index);
    frame.columns[2].AppendText(row.kind);
    frame.columns[3].AppendText(row.version);
    frame.columns[4].AppendNumber(row.iaa.value_or(kMissing));
    row.genero ? frame.columns[5].AppendText(*row.genero) : frame.columns[5].AppendNull();
    frame.columns[6].AppendNumber(row.kind == "rejected" ? kMissing : row.score);
    frame.columns[7].AppendInteger(row.score >= 0.5 ? 1 : 0);
  }
  return frame;
}

// Numbers in quantile bins, one level with a quote in it, and a feature that nobody sends.
baseline::Baseline MakeBaseline() {
  Rng rng(1);
  tabular::Table table;
  std::vector<double> iaa, ian, scores;
  std::vector<std::optional<std::string>> genero;
  for (int i = 0; i < 500; ++i) {
    iaa.push_back(5 + rng.Normal());
    ian.push_back(static_cast<double>(rng.Below(3)));
    genero.push_back(i % 3 == 0 ? "D'Água" : "Menino");
    scores.push_back(rng.Uniform());
  }
  table.AddNumbers("iaa", iaa);
  table.AddNumbers("ian", ian);
  table.AddCategories("genero", genero);
  baseline::BaselineSettings settings;
  settings.model_version = "v1.1.0";
  settings.features = {"iaa", "genero", "ian"};
  return *baseline::BuildBaseline(table, scores, settings);
}

const WallTime kNow = *ParseTime("2026-11-20T10:35:00.500000Z");

Result<WindowCounts> Count(const std::vector<Row>& rows, const baseline::Baseline& baseline, int days = 7) {
  const TempFolder folder;
  const std::string path = folder.path() + "/p.parquet";
  TRY(columnar::WriteParquet(path, ToFrame(rows)));
  const columnar::Database database = TRY(columnar::Database::Open({}));
  return CountWindow(database, {"read_parquet($1)", {path}}, baseline, LastDays(kNow, days));
}

TEST(CountTest, CountsAsTheBaselineWouldCountThemItself) {
  const baseline::Baseline baseline = MakeBaseline();
  Rng rng(2);
  std::vector<Row> rows;
  std::vector<double> iaa, scores;
  tabular::Table table;
  std::vector<std::optional<std::string>> genero;
  for (int i = 0; i < 3000; ++i) {
    Row row;
    row.time = kNow - std::chrono::minutes(i + 1);
    if (i % 10 != 0) row.iaa = 5.5 + 1.3 * rng.Normal();
    if (i % 7 != 0) row.genero = i % 2 == 0 ? "D'Água" : i % 5 == 0 ? "__unseen__" : "Menino";
    row.score = rng.Uniform();
    row.index = i % 3;
    iaa.push_back(row.iaa.value_or(kMissing));
    genero.push_back(row.genero);
    scores.push_back(row.score);
    rows.push_back(row);
  }
  table.AddCategories("genero", genero);
  const WindowCounts counts = *Count(rows, baseline);
  EXPECT_EQ(counts.instances, 3000u);
  EXPECT_EQ(counts.requests, 1000u);
  EXPECT_EQ(counts.features[0].counts, CountNumbers(baseline.features[0].bins, iaa));
  EXPECT_NEAR(*counts.features[0].mean, 5.5, 0.1);
  EXPECT_EQ(counts.features[1].counts, CountColumn(baseline.features[1].bins, *table.Find("genero")));
  EXPECT_EQ(counts.scores.counts, CountNumbers(baseline.scores.bins, scores));
  // No such column: missing in every row.
  EXPECT_EQ(counts.features[2].counts[baseline.features[2].bins.missing()], 3000u);
}

// The published tool did not filter by version, and its 7 days were 8 dates.
TEST(CountTest, OneVersionAndExactlyNDays) {
  const baseline::Baseline baseline = MakeBaseline();
  Row row;
  row.iaa = 5;
  std::vector<Row> rows;
  const Window window = LastDays(kNow, 7);
  const auto add = [&](WallTime time, const std::string& version, const std::string& kind) {
    row.time = time;
    row.version = version;
    row.kind = kind;
    rows.push_back(row);
  };
  add(window.start - Duration(1), "v1.1.0", "prediction");  // out
  add(window.start, "v1.1.0", "prediction");                // in
  add(window.end - Duration(1), "v1.1.0", "prediction");    // in
  add(window.end, "v1.1.0", "prediction");                  // out
  add(kNow - Duration(5), "v1.0.0", "prediction");          // another version
  add(kNow - Duration(5), "v1.1.0", "rejected");            // not scored
  add(kNow - Duration(5), "v1.1.0", "shadow");              // in: this version saw it
  EXPECT_EQ(Count(rows, baseline)->instances, 3u);
  EXPECT_EQ(Count(rows, baseline, 1)->instances, 2u);
}

TEST(CountTest, WhatIsNotANumberIsMissing) {
  const TempFolder folder;
  const std::string path = folder.path() + "/p.parquet";
  const columnar::Database database = *columnar::Database::Open({});
  ASSERT_TRUE(database
                  .WriteQuery("SELECT TIMESTAMP '2026-11-20 10:00:00' AS timestamp, 0 AS instance_index, "
                              "'prediction' AS kind, 'v1.1.0' AS model_version, x::DOUBLE AS iaa, 7 AS genero, "
                              "'x' AS ian, 0.5 AS risk_score, 1 AS risk_label "
                              "FROM (VALUES ('nan'::DOUBLE), (5), (5), (NULL), ('inf'::DOUBLE)) t(x)",
                              {}, path, columnar::FileFormat::kParquet)
                  .ok());
  const baseline::Baseline baseline = MakeBaseline();
  const WindowCounts counts = *CountWindow(database, {"read_parquet($1)", {path}}, baseline, LastDays(kNow, 7));
  const baseline::Bins& bins = baseline.features[0].bins;
  EXPECT_EQ(counts.features[0].counts[bins.missing()], 2u);
  EXPECT_EQ(counts.features[0].counts[bins.above()], 1u);
  // Columns of another type than the baseline's: there, but unseen.
  EXPECT_EQ(counts.features[1].counts[baseline.features[1].bins.unseen()], 5u);
  EXPECT_EQ(counts.features[2].counts[baseline.features[2].bins.unseen()], 5u);
  EXPECT_EQ(counts.instances, 5u);
}

TEST(CountTest, SeveralCategories) {
  tabular::Table table;
  for (const char* name : {"turma", "genero"}) table.AddCategories(name, {"a", "b", "a"});
  baseline::BaselineSettings settings;
  settings.model_version = "v1.1.0";
  settings.features = {"turma", "genero"};
  const baseline::Baseline baseline = *BuildBaseline(table, std::vector<double>{0.1, 0.2, 0.3}, settings);
  const columnar::Database database = *columnar::Database::Open({});
  const std::string sql =
      "(SELECT TIMESTAMP '2026-11-20 10:00:00' AS timestamp, 0 AS instance_index, 'prediction' AS kind, 'v1.1.0' AS "
      "model_version, 'a' AS turma, 'b' AS genero, 0.2 AS risk_score, 1 AS risk_label)";
  const auto counts = CountWindow(database, {sql, {}}, baseline, LastDays(kNow, 1));
  ASSERT_TRUE(counts.ok()) << counts.error().message();
  EXPECT_EQ(counts->features[0].counts[0], 1u);
  EXPECT_EQ(counts->features[1].counts[1], 1u);
}

TEST(CountTest, AFeatureThatTheBaselineNeverHad) {
  tabular::Table table;
  table.AddNumbers("ipp", {kMissing, kMissing, kMissing});
  baseline::BaselineSettings settings;
  settings.model_version = "v1.1.0";
  settings.features = {"ipp"};
  const baseline::Baseline baseline = *BuildBaseline(table, std::vector<double>{0.1, 0.2, 0.3}, settings);
  const columnar::Database database = *columnar::Database::Open({});
  const std::string sql =
      "(SELECT TIMESTAMP '2026-11-20 10:00:00' AS timestamp, 0 AS instance_index, 'prediction' AS kind, 'v1.1.0' AS "
      "model_version, ipp, 0.2 AS risk_score, 1 AS risk_label FROM (VALUES (NULL), (3.5::DOUBLE), (NULL)) t(ipp))";
  const auto counts = CountWindow(database, {sql, {}}, baseline, LastDays(kNow, 1));
  ASSERT_TRUE(counts.ok()) << counts.error().message();
  const std::vector<double> values = {kMissing, 3.5, kMissing};
  EXPECT_EQ(counts->features[0].counts, CountNumbers(baseline.features[0].bins, values));
  EXPECT_EQ(counts->features[0].counts[baseline.features[0].bins.missing()], 2u);
}

TEST(CountTest, AnEmptyWindow) {
  const baseline::Baseline baseline = MakeBaseline();
  Row row;
  row.time = kNow - std::chrono::hours(24 * 40);
  const WindowCounts counts = *Count({row}, baseline);
  EXPECT_EQ(counts.instances, 0u);
  EXPECT_EQ(Assess(baseline, counts, {}, 7, kNow).global, DriftStatus::kNoData);
}

TEST(CountTest, AFileThatHoldsNoPredictionsIsRefused) {
  const columnar::Database database = *columnar::Database::Open({});
  EXPECT_FALSE(CountWindow(database, {"(SELECT 1 AS x)", {}}, MakeBaseline(), LastDays(kNow, 7)).ok());
}

}  // namespace
}  // namespace vigia::drift
