#include "dataset/leakage.h"

#include <cmath>

#include "base/random.h"

namespace vigia::dataset {
namespace {

using testing::HasSubstr;

constexpr size_t kRows = 200;

tabular::Table Training() {
  Rng rng(7);
  std::vector<double> years(kRows, 2022), pupils, iaa, labels;
  std::vector<std::optional<std::string>> sexes;
  for (size_t i = 0; i < kRows; ++i) {
    pupils.push_back(static_cast<double>(i));
    iaa.push_back(rng.Uniform() * 10);
    sexes.emplace_back(rng.Below(2) == 0 ? "Feminino" : "Masculino");
    labels.push_back(static_cast<double>(rng.Below(2)));
  }
  tabular::Table table;
  table.AddNumbers("ano", years);
  table.AddNumbers("aluno", pupils);
  table.AddNumbers("iaa", iaa);
  table.AddCategories("genero", sexes);
  table.AddNumbers("em_risco", labels);
  return table;
}

TEST(Leakage, SeparationByValueCategoryAndMissingPattern) {
  std::vector<double> labels;
  tabular::Table table;
  std::vector<double> same, reversed, noise, only_missing, constant;
  std::vector<std::optional<std::string>> words;
  Rng rng(3);
  for (size_t i = 0; i < kRows; ++i) {
    const double label = i % 3 == 0 ? 1 : 0;
    labels.push_back(label);
    same.push_back(label);
    reversed.push_back(-label * 5 + rng.Uniform());
    noise.push_back(rng.Uniform());
    only_missing.push_back(label == 1 ? std::nan("") : rng.Uniform());
    constant.push_back(1);
    words.emplace_back(label == 1 ? "sim" : i % 2 == 0 ? "nao" : "talvez");
  }
  table.AddNumbers("same", same);
  table.AddNumbers("reversed", reversed);
  table.AddNumbers("missing", only_missing);
  table.AddCategories("words", words);
  for (const auto& column : table.columns()) EXPECT_EQ(SeparationAuc(column, labels), 1.0) << column.name;
  tabular::Table harmless;
  harmless.AddNumbers("noise", noise);
  harmless.AddNumbers("constant", constant);
  EXPECT_LT(SeparationAuc(*harmless.Find("noise"), labels), 0.65);
  EXPECT_EQ(SeparationAuc(*harmless.Find("constant"), labels), 0.5);
  // Too few rows say nothing.
  const tabular::Table few = table.SelectRows({0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_EQ(SeparationAuc(*few.Find("same"), std::span(labels).first(10)), 0.5);
}

TEST(Leakage, AnHonestTrainingTablePasses) {
  const Status status = CheckTrainingTable(Training());
  EXPECT_TRUE(status.ok()) << status.error().message();
  tabular::Table more = Training();
  more.AddNumbers("anything_else", std::vector<double>(kRows, 3));
  EXPECT_TRUE(CheckTrainingTable(more).ok());
}

TEST(Leakage, WhatAModelMustNotBeTrainedOn) {
  const std::vector<double> labels = Training().Find("em_risco")->numbers;
  struct Case {
    std::string what, part;
    std::function<void(tabular::Table&)> change;
  };
  const auto add = [&](const std::string& name, std::vector<double> values) {
    return [name, values = std::move(values)](tabular::Table& t) { t.AddNumbers(name, values); };
  };
  const std::vector<double> zeros(kRows, 0);
  std::vector<double> thirds = labels;
  thirds[17] = 0.5;
  std::vector<double> gap = labels;
  gap[3] = std::nan("");
  const std::vector<Case> cases = {
      {"no target", "no column 'em_risco'", [](tabular::Table& t) { t.Drop("em_risco"); }},
      {"a third class", "row 18",
       [&](tabular::Table& t) {
         t.Drop("em_risco");
         t.AddNumbers("em_risco", thirds);
       }},
      {"a missing label", "row 4",
       [&](tabular::Table& t) {
         t.Drop("em_risco");
         t.AddNumbers("em_risco", gap);
       }},
      {"a name", "'nome' looks personal", add("nome", zeros)},
      {"an RA", "'RA' looks personal", add("RA", zeros)},
      {"a birth date", "'data_nascimento' looks personal", add("data_nascimento", zeros)},
      {"the next year", "'inde_2023' is of a later year", add("inde_2023", zeros)},
      {"another label", "'em_risco_2023' names the answer", add("em_risco_2023", zeros)},
      {"the answer under a harmless name", "'situacao' alone separates", add("situacao", labels)},
      {"the answer as a feature", "'ieg' alone separates", add("ieg", labels)},
      {"text for a score", "'ipv' holds text",
       [](tabular::Table& t) { t.AddCategories("ipv", std::vector<std::optional<std::string>>(kRows, "alto")); }},
      {"numbers for a category", "'pedra' holds numbers", add("pedra", zeros)},
      {"no rows", "no rows", [](tabular::Table& t) { t = t.SelectRows({}); }},
  };
  for (const Case& c : cases) {
    tabular::Table table = Training();
    c.change(table);
    const Status status = CheckTrainingTable(table);
    ASSERT_FALSE(status.ok()) << c.what;
    EXPECT_THAT(status.error().message(), HasSubstr(c.part)) << c.what;
  }
}

}  // namespace
}  // namespace vigia::dataset
