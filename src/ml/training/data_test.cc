#include "training/data.h"

#include <gtest/gtest.h>

#include "training/testing/school_table.h"

namespace vigia::training {
namespace {

TEST(TrainingDataTest, RefusesTablesItCannotLearnFrom) {
  struct Case {
    const char* what;
    std::function<void(tabular::Table&)> spoil;
    const char* says;
  };
  const Case cases[] = {
      {"no target", [](auto& t) { t.Drop("em_risco"); }, "em_risco"},
      {"a third class",
       [](auto& t) {
         std::vector<double> labels(t.rows(), 1);
         labels[6] = 2;
         t.Drop("em_risco");
         t.AddNumbers("em_risco", labels);
       },
       "row 7"},
      {"a missing label",
       [](auto& t) {
         std::vector<double> labels(t.rows(), 1);
         labels[0] = std::nan("");
         t.Drop("em_risco");
         t.AddNumbers("em_risco", labels);
       },
       "row 1"},
      {"labels in words",
       [](auto& t) {
         t.Drop("em_risco");
         t.AddCategories("em_risco", std::vector<std::optional<std::string>>(t.rows(), "sim"));
       },
       "0 or 1"},
      {"one class",
       [](auto& t) {
         t.Drop("em_risco");
         t.AddNumbers("em_risco", std::vector<double>(t.rows(), 1));
       },
       "either class"},
      {"few rows",
       [](auto& t) {
         t = t.SelectRows({0, 1, 2, 3, 4, 5, 6, 7});
       },
       "too few"},
      {"no rows", [](auto& t) { t = t.SelectRows({}); }, "no rows"},
      {"a number as text",
       [](auto& t) {
         t.Drop("ida");
         t.AddCategories("ida", std::vector<std::optional<std::string>>(t.rows(), "sete"));
       },
       "ida"},
      {"a name",
       [](auto& t) { t.AddCategories("Nome da mãe", std::vector<std::optional<std::string>>(t.rows(), "x")); },
       "personal"},
      {"a planted answer", [](auto& t) { t.AddNumbers("defasagem_2023", std::vector<double>(t.rows(), 1)); },
       "defasagem_2023"},
      {"an answer by value", [](auto& t) { t.AddNumbers("nota_extra", t.Find("em_risco")->numbers); }, "nota_extra"},
  };
  for (const Case& c : cases) {
    tabular::Table table = SchoolTable{}.Make();
    c.spoil(table);
    const auto data = ReadTrainingData(table, Recipe{});
    ASSERT_FALSE(data.ok()) << c.what;
    EXPECT_NE(data.error().message().find(c.says), std::string::npos) << c.what << ": " << data.error().message();
    EXPECT_EQ(data.error().message().find('\n'), std::string::npos);
  }
}

TEST(TrainingDataTest, ReadsPupilsYearsAndGroups) {
  const auto data = ReadTrainingData(SchoolTable{.pupils = 80, .years = {2022, 2023}}.Make(), Recipe{}).value();
  EXPECT_EQ(data.rows(), 160U);
  EXPECT_EQ(data.reference_year, 2023);
  EXPECT_EQ(data.labelled.pupils[0], data.labelled.pupils[1]);
  EXPECT_NE(data.labelled.pupils[1], data.labelled.pupils[2]);
  ASSERT_EQ(data.labelled.groupings.size(), 3U);
  EXPECT_EQ(data.labelled.groupings[0].name, "genero");
  EXPECT_EQ(data.labelled.groupings[1].levels[0], "ALFA");
  EXPECT_EQ(data.labelled.behind_now.size(), 160U);
}

TEST(TrainingDataTest, WithoutPupilsEveryRowIsItsOwn) {
  tabular::Table table = SchoolTable{}.Make();
  table.Drop("aluno");
  table.Drop("defasagem");
  const auto rows = ReadLabelledRows(table).value();
  EXPECT_EQ(rows.pupils[149], 149);
  EXPECT_TRUE(rows.behind_now.empty());
}

}  // namespace
}  // namespace vigia::training
