#include "baseline/bins.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <numeric>

#include "base/random.h"
#include "tabular/table.h"

namespace vigia::baseline {
namespace {

using tabular::kMissing;

uint64_t Sum(const std::vector<uint64_t>& counts) { return std::accumulate(counts.begin(), counts.end(), uint64_t{0}); }

std::vector<double> Normals(size_t n, uint64_t seed) {
  Rng rng(seed);
  std::vector<double> values(n);
  for (double& value : values) value = rng.Normal();
  return values;
}

TEST(BinsTest, QuantileBinsHoldEqualShares) {
  const std::vector<double> values = Normals(1000, 1);
  const Bins bins = BinNumbers(values, {});
  ASSERT_EQ(bins.kind, BinKind::kRanges);
  ASSERT_EQ(bins.core(), 10u);
  const std::vector<uint64_t> counts = CountNumbers(bins, values);
  for (size_t i = 0; i < bins.core(); ++i) EXPECT_NEAR(static_cast<double>(counts[i]), 100, 1) << i;
  EXPECT_EQ(counts[bins.missing()] + counts[bins.below()] + counts[bins.above()] + counts[bins.unseen()], 0u);
}

TEST(BinsTest, ASmallBaselineGetsFewerBins) { EXPECT_EQ(BinNumbers(Normals(60, 2), {}).core(), 3u); }

TEST(BinsTest, TiesMergeBinsAndAHeavyMinimumIsABinOfItsOwn) {
  std::vector<double> values(500, 0.0);  // half of all is the minimum
  for (const double v : Normals(500, 3)) values.push_back(std::abs(v) + 0.01);
  const Bins bins = BinNumbers(values, {});
  ASSERT_EQ(bins.kind, BinKind::kRanges);
  EXPECT_EQ(bins.edges[0], 0.0);
  EXPECT_EQ(bins.edges[1], 0.0);
  const std::vector<uint64_t> counts = CountNumbers(bins, values);
  EXPECT_EQ(counts[0], 500u);
  EXPECT_EQ(Sum(counts), 1000u);
}

TEST(BinsTest, FewDistinctNumbersGetOneBinEach) {
  const std::vector<double> values = {3, 1, 2, 2, kMissing, 3, 3};
  const Bins bins = BinNumbers(values, {});
  ASSERT_EQ(bins.kind, BinKind::kValues);
  EXPECT_EQ(bins.values, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(CountNumbers(bins, values), (std::vector<uint64_t>{1, 2, 3, 1, 0, 0, 0}));
}

TEST(BinsTest, WhatTheBaselineDidNotHaveHasBinsOfItsOwn) {
  const Bins bins = BinNumbers(std::vector<double>{1, 2, 3}, {});
  const std::vector<double> window = {0.5, 1.5, 2, 3, 9, kMissing, HUGE_VAL, -HUGE_VAL};
  EXPECT_EQ(CountNumbers(bins, window), (std::vector<uint64_t>{0, 1, 1, 1, 2, 2, 1}));
}

TEST(BinsTest, SinglePrecisionDoesNotMoveAValue) {
  const Bins values = BinNumbers(std::vector<double>{0.1, 6.1, 1234567.1}, {});
  const Cuts cuts = CutsOf(values);
  EXPECT_EQ(SlotOf(cuts, values, static_cast<double>(0.1F)), 0u);
  EXPECT_EQ(SlotOf(cuts, values, static_cast<double>(6.1F)), 1u);
  const std::vector<double> normals = Normals(1000, 4);
  const Bins ranges = BinNumbers(normals, {});
  const Cuts range_cuts = CutsOf(ranges);
  EXPECT_EQ(SlotOf(range_cuts, ranges, static_cast<double>(static_cast<float>(ranges.edges.front()))), 0u);
  EXPECT_EQ(SlotOf(range_cuts, ranges, static_cast<double>(static_cast<float>(ranges.edges.back()))), 9u);
}

TEST(BinsTest, NoValueAtAll) {
  const Bins bins = BinNumbers(std::vector<double>{kMissing, kMissing}, {});
  EXPECT_EQ(bins.core(), 0u);
  EXPECT_EQ(CountNumbers(bins, std::vector<double>{kMissing, 4}), (std::vector<uint64_t>{1, 0, 0, 1}));
}

TEST(BinsTest, LevelsByCountThenName) {
  tabular::Table table;
  table.AddCategories("g", {"b", "a", std::nullopt, "c", "c", "b"});
  const Bins bins = BinLevels(*table.Find("g"), {});
  EXPECT_EQ(bins.levels, (std::vector<std::string>{"b", "c", "a"}));
  EXPECT_EQ(CountColumn(bins, *table.Find("g")), (std::vector<uint64_t>{2, 2, 1, 1, 0, 0, 0}));
  tabular::Table window;
  window.AddCategories("g", {"z", "a", std::nullopt});
  EXPECT_EQ(CountColumn(bins, *window.Find("g")), (std::vector<uint64_t>{0, 0, 1, 1, 0, 0, 1}));
}

TEST(BinsTest, ManyLevelsShareABin) {
  std::vector<std::optional<std::string>> values;
  for (int i = 0; i < 60; ++i) values.push_back("level" + std::to_string(i));
  tabular::Table table;
  table.AddCategories("g", values);
  const Bins bins = BinLevels(*table.Find("g"), {});
  EXPECT_EQ(bins.core(), 51u);
  EXPECT_EQ(bins.levels.back(), kOtherLevel);
  EXPECT_EQ(CountColumn(bins, *table.Find("g"))[50], 10u);
}

TEST(BinsTest, AColumnOfTheWrongTypeIsUnseen) {
  tabular::Table table;
  table.AddCategories("n", {"x", std::nullopt});
  const Bins bins = BinNumbers(std::vector<double>{1, 2}, {});
  EXPECT_EQ(CountColumn(bins, *table.Find("n")), (std::vector<uint64_t>{0, 0, 1, 0, 0, 1}));
}

TEST(BinsTest, EveryValueIsCountedOnceAndSurvivesJson) {
  EXPECT_TRUE(rc::check("counts", [](const std::vector<double>& baseline, const std::vector<int>& window) {
    std::vector<double> finite;
    for (const double v : baseline) finite.push_back(std::isfinite(v) ? v : kMissing);
    const Bins bins = BinNumbers(finite, {5, 1, 4, 5});
    const std::vector<uint64_t> own = CountNumbers(bins, finite);
    RC_ASSERT(Sum(own) == finite.size());
    RC_ASSERT(own[bins.below()] + own[bins.above()] + own[bins.unseen()] == 0u);
    std::vector<double> values(window.begin(), window.end());
    RC_ASSERT(Sum(CountNumbers(bins, values)) == values.size());
    const auto parsed = ParseJson(PrettyJson(ToJson(bins, own)));
    RC_ASSERT(parsed.ok());
    const auto again = BinsFromJson(*parsed);
    RC_ASSERT(again.ok());
    RC_ASSERT(again->bins == bins);
    RC_ASSERT(again->counts == own);
  }));
}

TEST(BinsTest, BadJsonIsRefused) {
  for (const char* text : {
           R"([])",
           R"({"kind":"other","counts":[],"missing":0,"below":0,"above":0,"unseen":0})",
           R"({"kind":"ranges","edges":[1],"counts":[],"missing":0,"below":0,"above":0,"unseen":0})",
           R"({"kind":"ranges","edges":[1,2,1],"counts":[1,1],"missing":0,"below":0,"above":0,"unseen":0})",
           R"({"kind":"values","values":[1,1],"counts":[1,1],"missing":0,"below":0,"above":0,"unseen":0})",
           R"({"kind":"values","values":[1],"counts":[],"missing":0,"below":0,"above":0,"unseen":0})",
           R"({"kind":"values","values":[1],"counts":[-1],"missing":0,"below":0,"above":0,"unseen":0})",
           R"({"kind":"values","values":["x"],"counts":[1],"missing":0,"below":0,"above":0,"unseen":0})",
           R"({"kind":"levels","levels":[1],"counts":[1],"missing":0,"below":0,"above":0,"unseen":0})",
           R"({"kind":"levels","levels":["a"],"counts":[1],"missing":-3,"below":0,"above":0,"unseen":0})",
       }) {
    EXPECT_FALSE(BinsFromJson(*ParseJson(text)).ok()) << text;
  }
}

}  // namespace
}  // namespace vigia::baseline
