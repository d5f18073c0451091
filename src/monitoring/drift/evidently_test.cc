#include "drift/evidently.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vigia::drift {
namespace {

using Counts = std::vector<uint64_t>;

// numpy.histogram_bin_edges of 1000 values in [0, 10]: ceil(log2(1000) + 1) = 11 bins.
TEST(EvidentlyTest, SturgesEdges) {
  const std::vector<double> edges = SturgesEdges(0, 10, 1000);
  ASSERT_EQ(edges.size(), 12u);
  EXPECT_DOUBLE_EQ(edges[1], 10.0 / 11);
  EXPECT_DOUBLE_EQ(edges.back(), 10);
  EXPECT_EQ(SturgesEdges(3, 3, 10), (std::vector<double>{2.5, 3.5}));
}

TEST(EvidentlyTest, PsiFillsEmptyBinsAsEvidentlyDoes) {
  // r = (.5, .5), c = (1, 0 → 0.0001).
  EXPECT_NEAR(EvidentlyPsi(Counts{50, 50}, Counts{100, 0}),
              -0.5 * std::log(0.5) + (0.5 - 0.0001) * std::log(0.5 / 0.0001), 1e-12);
  // The smallest share is 1e-5 <= 1e-4, so an empty bin is 1e-11.
  const double fill = 1e-5 / 1e6;
  EXPECT_NEAR(EvidentlyPsi(Counts{50000, 50000, 0}, Counts{99999, 0, 1}),
              (0.5 - 0.99999) * std::log(0.5 / 0.99999) + (0.5 - fill) * std::log(0.5 / fill) +
                  (0.0001 - 1e-5) * std::log(0.0001 / 1e-5),
              1e-9);
  EXPECT_EQ(EvidentlyPsi(Counts{5, 5}, Counts{0, 0}), 0);
  EXPECT_EQ(EvidentlyPsi(Counts{5, 5}, Counts{10, 10}), 0);
}

TEST(EvidentlyTest, ReadsTheSameRowsWithItsOwnBins) {
  const columnar::Database database = *columnar::Database::Open({});
  // 100 rows: x is 0..99, few is i % 3, g is a or b.
  const std::string sql =
      "(SELECT TIMESTAMP '2026-11-20 10:00:00' AS timestamp, 'prediction' AS kind, 'v1.0.0' AS model_version, "
      "0.5 AS risk_score, CAST(i AS DOUBLE) AS x, CAST(i % 3 AS DOUBLE) AS few, "
      "CASE WHEN i < 50 THEN 'a' ELSE 'b' END AS g, NULL::DOUBLE AS empty FROM range(100) t(i))";
  tabular::Table reference;
  std::vector<double> x, few;
  std::vector<std::optional<std::string>> g;
  for (int i = 0; i < 100; ++i) {
    x.push_back(i);
    few.push_back(i % 3);
    g.push_back(i < 90 ? "a" : "c");
  }
  reference.AddNumbers("x", x);
  reference.AddNumbers("few", few);
  reference.AddCategories("g", g);
  reference.AddNumbers("empty", x);
  const WallTime now = *ParseTime("2026-11-20T12:00:00Z");
  const auto drift = CompareAsEvidently(database, {sql, {}}, reference, {"x", "few", "g", "empty", "none"}, "v1.0.0",
                                        LastDays(now, 1));
  ASSERT_TRUE(drift.ok()) << drift.error().message();
  ASSERT_EQ(drift->columns.size(), 3u);
  EXPECT_NEAR(drift->columns[0].score, 0, 1e-12);
  EXPECT_NEAR(drift->columns[1].score, 0, 1e-12);
  const double by_hand = (0.9 - 0.5) * std::log(0.9 / 0.5) + 2 * 0;  // a
  const double b = (0.0001 - 0.5) * std::log(0.0001 / 0.5), c = (0.1 - 0.0001) * std::log(0.1 / 0.0001);
  EXPECT_NEAR(drift->columns[2].score, by_hand + b + c, 1e-9);
  EXPECT_TRUE(drift->columns[2].drifted);
  EXPECT_FALSE(drift->dataset_drift());
  const Json json = ToJson(*drift);
  EXPECT_EQ(json["number_of_drifted_columns"], 1);
  EXPECT_EQ(json["drift_by_columns"]["g"]["stattest_name"], "PSI");
}

}  // namespace
}  // namespace vigia::drift
