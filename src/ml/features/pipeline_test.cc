#include "features/pipeline.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <limits>
#include <optional>

namespace vigia::features {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

RawFeature Number(const std::string& name, double seen_min, double seen_max) {
  return {name, FeatureType::kNumber, -1e6, 1e6, seen_min, seen_max, {}};
}

FeatureSpec PipelineSpec() {
  FeatureSpec spec;
  spec.reference_year = 2023;
  spec.raw = {Number("ida", 0, 10),
              Number("ieg", 0, 10),
              Number("iaa", 2, 9),
              Number("ano_ingresso", 2016, 2023),
              {"genero", FeatureType::kCategory, 0, 0, 0, 0, {"Feminino", "Masculino"}},
              Number("fase", 0, 7),
              Number("idade", 7, 20),
              Number("defasagem", -4, 2)};
  const std::vector<std::string> indicators = {"ida", "ieg", "iaa"};
  spec.inputs = {{"iaa", Operation::kIdentity, {"iaa"}, ""},
                 {"genero=Masculino", Operation::kOneHot, {"genero"}, "Masculino"},
                 {"ida_missing", Operation::kMissing, {"ida"}, ""},
                 {"genero_missing", Operation::kMissing, {"genero"}, ""},
                 {"media", Operation::kMean, indicators, ""},
                 {"minimo", Operation::kMin, indicators, ""},
                 {"maximo", Operation::kMax, indicators, ""},
                 {"desvio", Operation::kStd, indicators, ""},
                 {"amplitude", Operation::kRange, indicators, ""},
                 {"media2", Operation::kMean, {"ida", "ieg"}, ""},
                 {"anos_pm", Operation::kTenure, {"ano_ingresso"}, ""},
                 {"diferenca", Operation::kDifference, {"ida", "ieg"}, ""},
                 {"defasagem_atual", Operation::kCurrentLag, {"defasagem", "fase", "idade"}, ""},
                 {"defasagem_se_retido", Operation::kLagIfRetained, {"fase", "idade"}, "", -1, -4, 2},
                 {"ieg_imputado", Operation::kIdentity, {"ieg"}, "", 12.5, 3, 8}};
  return spec;
}

std::vector<float> Inputs(const std::vector<double>& raw, int year) {
  const auto pipeline = Pipeline::Compile(PipelineSpec());
  EXPECT_TRUE(pipeline.ok());
  std::vector<double> row = raw;
  row.resize(pipeline->raw_width(), kNaN);
  std::vector<float> inputs(pipeline->input_width());
  pipeline->Compute(row, year, inputs);
  return inputs;
}

TEST(PipelineTest, ComputesEachOperation) {
  const std::vector<float> want = {6, 1, 0, 0, 6, 4, 8, 2, 4, 6, 3, -4, -1, -3, 8};
  EXPECT_EQ(Inputs({4, 8, 6, 2020, 1, 3, 15, -1}, 0), want);
}

TEST(PipelineTest, ClipsToWhatWasSeenInTraining) {
  // 50 becomes 10 and −3 becomes 2; tenure has limits of its own.
  const std::vector<float> inputs = Inputs({50, 4, -3, 2024, 0}, 2025);
  EXPECT_EQ(inputs[0], 2);
  EXPECT_FLOAT_EQ(inputs[4], 16.F / 3);
  EXPECT_EQ(inputs[6], 10);
  EXPECT_EQ(inputs[10], 1);
  EXPECT_EQ(inputs[11], 6);
  EXPECT_EQ(Inputs({1, 1, 1, 1950, 0}, 2023)[10], 15);
  EXPECT_EQ(Inputs({1, 1, 1, 2030, 0}, 2023)[10], 0);
}

TEST(PipelineTest, MissingValuesFollowTheOperation) {
  const std::vector<float> none = Inputs({kNaN, kNaN, kNaN, kNaN, kNaN}, 0);
  for (const size_t nan : {0, 4, 5, 6, 7, 8, 9, 10, 11}) EXPECT_TRUE(std::isnan(none[nan])) << nan;
  EXPECT_EQ(none[1], 0);
  EXPECT_EQ(none[2], 1);
  EXPECT_EQ(none[3], 1);
  const std::vector<float> one = Inputs({kNaN, kNaN, 7, kNaN, kUnseenLevel}, 0);
  EXPECT_EQ(one[1], 0);
  EXPECT_EQ(one[3], 0) << "an unseen level is not missing";
  EXPECT_EQ(one[4], 7);
  EXPECT_EQ(one[7], 0) << "the deviation of one value";
  EXPECT_EQ(one[8], 0);
  EXPECT_TRUE(std::isnan(one[9]));
}

TEST(PipelineTest, LagsComeFromPhaseAndAge) {
  const struct {
    double fase, idade, defasagem;
    float current, if_retained;
  } cases[] = {
      {3, 13, -1, -1, -1},                                // what the record says wins; at 14 the ideal phase is 4
      {3, 13, kNaN, 0, -1},                               // else phase minus ideal phase
      {9, 12, kNaN, 6, 2},                                // phases are not clipped to those seen, results are
      {0, 20, kNaN, -8, -4}, {kNaN, 13, kNaN, kNaN, -1},  // not known: missing, or imputed where the input says so
      {3, kNaN, -2, -2, -1},
  };
  for (const auto& c : cases) {
    const auto inputs = Inputs({kNaN, kNaN, kNaN, kNaN, kNaN, c.fase, c.idade, c.defasagem}, 0);
    if (std::isnan(c.current)) {
      EXPECT_TRUE(std::isnan(inputs[12]));
    } else {
      EXPECT_EQ(inputs[12], c.current) << c.fase << ", " << c.idade;
    }
    EXPECT_EQ(inputs[13], c.if_retained) << c.fase << ", " << c.idade;
  }
}

TEST(PipelineTest, ImputesThenClips) {
  EXPECT_EQ(Inputs({kNaN, kNaN, kNaN, kNaN, kNaN}, 0)[14], 8) << "12.5 is outside of what was seen";
  EXPECT_EQ(Inputs({kNaN, 1, kNaN, kNaN, kNaN}, 0)[14], 3);
  EXPECT_EQ(Inputs({kNaN, 5, kNaN, kNaN, kNaN}, 0)[14], 5);
}

TEST(PipelineTest, KnowsTheRawFeaturesOfAnInput) {
  const auto pipeline = Pipeline::Compile(PipelineSpec());
  ASSERT_TRUE(pipeline.ok());
  const auto raw = pipeline->RawOfInput(4);
  EXPECT_EQ(std::vector<uint16_t>(raw.begin(), raw.end()), (std::vector<uint16_t>{0, 1, 2}));
}

TEST(PipelineTest, RefusesSpecsThatDoNotFit) {
  struct Case {
    const char* what;
    std::function<void(FeatureSpec&)> spoil;
  };
  const Case cases[] = {
      {"an unknown raw feature", [](FeatureSpec& s) { s.inputs[0].inputs = {"x"}; }},
      {"identity of a category", [](FeatureSpec& s) { s.inputs[0].inputs = {"genero"}; }},
      {"identity of two",
       [](FeatureSpec& s) {
         s.inputs[0].inputs = {"ida", "ieg"};
       }},
      {"one-hot of a number", [](FeatureSpec& s) { s.inputs[1].inputs = {"ida"}; }},
      {"an unknown level", [](FeatureSpec& s) { s.inputs[1].level = "x"; }},
      {"a mean of nothing", [](FeatureSpec& s) { s.inputs[4].inputs = {}; }},
      {"a mean with a category",
       [](FeatureSpec& s) {
         s.inputs[4].inputs = {"ida", "genero"};
       }},
      {"a difference of three",
       [](FeatureSpec& s) {
         s.inputs[11].inputs = {"ida", "ieg", "iaa"};
       }},
      {"a lag of two", [](FeatureSpec& s) { s.inputs[12].inputs.pop_back(); }},
      {"a lag if retained of three", [](FeatureSpec& s) { s.inputs[13].inputs.push_back("ida"); }},
      {"an input's range upside down", [](FeatureSpec& s) { s.inputs[14].clip_low = 9; }},
      {"an imputed value beyond float", [](FeatureSpec& s) { s.inputs[14].impute = 1e31; }},
      {"a range upside down", [](FeatureSpec& s) { std::swap(s.raw[0].seen_min, s.raw[0].seen_max); }},
      {"an infinite range", [](FeatureSpec& s) { s.raw[0].seen_max = std::numeric_limits<double>::infinity(); }},
      {"a range that is not a number", [](FeatureSpec& s) { s.raw[0].min = kNaN; }},
  };
  for (const Case& c : cases) {
    FeatureSpec spec = PipelineSpec();
    c.spoil(spec);
    EXPECT_FALSE(Pipeline::Compile(spec).ok()) << c.what;
  }
}

TEST(PipelineTest, RawRowsRefusesTheWrongType) {
  const auto pipeline = Pipeline::Compile(PipelineSpec());
  ASSERT_TRUE(pipeline.ok());
  tabular::Table text, number, empty;
  text.AddCategories("ida", {"muito"});
  number.AddNumbers("genero", {1});
  empty.AddCategories("ida", {std::nullopt});
  EXPECT_FALSE(pipeline->RawRows(text).ok());
  EXPECT_FALSE(pipeline->RawRows(number).ok());
  ASSERT_TRUE(pipeline->RawRows(empty).ok()) << "a column without any value has no type";
  EXPECT_TRUE(std::isnan((*pipeline->RawRows(empty))[0]));
}

TEST(PipelineTest, YearsComeFromTheTableOrTheReference) {
  const auto pipeline = Pipeline::Compile(PipelineSpec());
  ASSERT_TRUE(pipeline.ok());
  tabular::Table with, without;
  with.AddNumbers("ano", {2022, kNaN, 2024});
  without.AddNumbers("ida", {1});
  EXPECT_EQ(pipeline->Years(with), (std::vector<int>{2022, 2023, 2024}));
  EXPECT_EQ(pipeline->Years(without), (std::vector<int>{2023}));
}

constexpr const char* kNumberNames[] = {"ida", "ieg", "iaa", "ano_ingresso", "fase", "idade", "defasagem"};
constexpr size_t kNumbers = std::size(kNumberNames);

// One row as a pupil's record has it: a value or none, under its name.
struct Record {
  std::vector<std::optional<double>> numbers;  // in the order of kNumberNames
  std::optional<std::string> genero;
  std::optional<int> ano;
};

rc::Gen<Record> AnyRecord() {
  // Scores with decimals that floats cannot hold, values out of range, and missing ones.
  const auto score = rc::gen::map(rc::gen::inRange(-3000, 14000), [](int n) { return n / 997.0; });
  const auto entry = rc::gen::map(rc::gen::inRange(1995, 2031), [](int n) { return static_cast<double>(n); });
  const auto number = rc::gen::oneOf(rc::gen::map(score, [](double v) { return std::optional<double>(v); }),
                                     rc::gen::map(entry, [](double v) { return std::optional<double>(v); }),
                                     rc::gen::just(std::optional<double>()));
  const auto level = rc::gen::element<std::optional<std::string>>("Feminino", "Masculino", "Outro", std::nullopt);
  const auto year = rc::gen::element<std::optional<int>>(2022, 2023, 2024, std::nullopt);
  return rc::gen::map(
      rc::gen::tuple(rc::gen::container<std::vector<std::optional<double>>>(kNumbers, number), level, year),
      [](const auto& parts) { return std::apply([](auto... p) { return Record{p...}; }, parts); });
}

// As serving does it: value by value, in the order in which the client sent them.
std::vector<double> ServingRow(const Pipeline& pipeline, const Record& record) {
  const FeatureSpec& spec = pipeline.spec();
  std::vector<double> raw(pipeline.raw_width(), kNaN);
  const auto set = [&](const char* name, double value) { raw[static_cast<size_t>(spec.FindRaw(name))] = value; };
  if (record.genero) {
    const auto& levels = spec.raw[static_cast<size_t>(spec.FindRaw("genero"))].levels;
    const auto found = std::find(levels.begin(), levels.end(), *record.genero);
    set("genero", found == levels.end() ? kUnseenLevel : static_cast<double>(found - levels.begin()));
  }
  for (size_t i = kNumbers; i-- > 0;) {
    if (record.numbers[i]) set(kNumberNames[i], *record.numbers[i]);
  }
  return raw;
}

tabular::Table TrainingTable(const std::vector<Record>& records) {
  tabular::Table table;
  std::vector<std::optional<std::string>> genero;
  std::vector<double> ano;
  for (const Record& record : records) {
    genero.push_back(record.genero);
    ano.push_back(record.ano ? *record.ano : kNaN);
  }
  table.AddNumbers("ano", ano);
  table.AddCategories("genero", genero);
  for (size_t i = 0; i < kNumbers; ++i) {
    std::vector<double> values;
    for (const Record& record : records) values.push_back(record.numbers[i].value_or(kNaN));
    table.AddNumbers(kNumberNames[i], values);
  }
  return table;
}

TEST(PipelineTest, TrainingAndServingComputeTheSameBits) {
  const auto pipeline = Pipeline::Compile(PipelineSpec());
  ASSERT_TRUE(pipeline.ok());
  const bool holds = rc::check("training inputs equal serving inputs", [&] {
    const auto records = *rc::gen::nonEmpty(rc::gen::container<std::vector<Record>>(AnyRecord()));
    const tabular::Table table = TrainingTable(records);
    const auto rows = pipeline->RawRows(table);
    const std::vector<int> years = pipeline->Years(table);
    RC_ASSERT(rows.ok());
    for (size_t i = 0; i < records.size(); ++i) {
      std::vector<float> training(pipeline->input_width()), serving(pipeline->input_width());
      pipeline->Compute(std::span(*rows).subspan(i * pipeline->raw_width(), pipeline->raw_width()), years[i], training);
      pipeline->Compute(ServingRow(*pipeline, records[i]), records[i].ano.value_or(0), serving);
      for (size_t k = 0; k < training.size(); ++k) {
        RC_ASSERT(std::bit_cast<uint32_t>(training[k]) == std::bit_cast<uint32_t>(serving[k]));
      }
    }
  });
  EXPECT_TRUE(holds);
}

TEST(PipelineTest, ABlockComputesTheBitsOfItsRows) {
  const auto pipeline = Pipeline::Compile(PipelineSpec());
  ASSERT_TRUE(pipeline.ok());
  constexpr size_t kBlock = Pipeline::kBlock;
  const size_t raw_width = pipeline->raw_width(), width = pipeline->input_width();
  const bool holds = rc::check("the inputs of a block equal those of its rows", [&] {
    const auto records = *rc::gen::container<std::vector<Record>>(kBlock, AnyRecord());
    std::vector<double> block(raw_width * kBlock);
    std::vector<int> years(kBlock);
    std::vector<float> together(kBlock * width), alone(width);
    for (size_t r = 0; r < kBlock; ++r) {
      const std::vector<double> row = ServingRow(*pipeline, records[r]);
      for (size_t f = 0; f < raw_width; ++f) block[f * kBlock + r] = row[f];
      years[r] = records[r].ano.value_or(0);
    }
    pipeline->ComputeBlock(block, years, together);
    for (size_t r = 0; r < kBlock; ++r) {
      pipeline->Compute(ServingRow(*pipeline, records[r]), years[r], alone);
      for (size_t k = 0; k < width; ++k) {
        RC_ASSERT(std::bit_cast<uint32_t>(together[r * width + k]) == std::bit_cast<uint32_t>(alone[k]));
      }
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace vigia::features
