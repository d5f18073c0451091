#include "tabular/table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vigia::tabular {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(TableTest, CountsMissingInBothTypes) {
  Table table;
  table.AddNumbers("n", {1, kNaN, 3});
  table.AddCategories("c", {"a", std::nullopt, "a"});
  EXPECT_EQ(table.rows(), 3U);
  EXPECT_EQ(table.Find("n")->MissingCount(), 1U);
  EXPECT_EQ(table.Find("c")->MissingCount(), 1U);
  EXPECT_EQ(table.Find("c")->levels.size(), 1U);
  EXPECT_EQ(table.Find("x"), nullptr);
}

TEST(TableTest, AppendAlignsColumnsAndLevels) {
  Table a, b;
  a.AddNumbers("n", {1});
  a.AddCategories("c", {"x"});
  b.AddCategories("c", {"y", "x"});
  b.AddNumbers("m", {5, 6});
  ASSERT_TRUE(a.Append(b).ok());
  EXPECT_EQ(a.rows(), 3U);
  EXPECT_TRUE(std::isnan(a.Find("n")->numbers[1]));
  EXPECT_TRUE(a.Find("m")->IsMissing(0));
  EXPECT_EQ(a.Find("c")->Level(1), "y");
  EXPECT_EQ(a.Find("c")->Level(2), "x");
}

TEST(TableTest, AppendRefusesATypeConflict) {
  Table a, b;
  a.AddNumbers("n", {1});
  b.AddCategories("n", {"x"});
  EXPECT_NE(a.Append(b).error().message().find("'n'"), std::string::npos);
}

TEST(TableTest, SelectRowsKeepsOrder) {
  Table table;
  table.AddNumbers("n", {10, 20, 30});
  const Table picked = table.SelectRows({2, 0, 2});
  EXPECT_EQ(picked.Find("n")->numbers, (std::vector<double>{30, 10, 30}));
}

}  // namespace
}  // namespace vigia::tabular
