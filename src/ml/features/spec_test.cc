#include "features/spec.h"

#include <gtest/gtest.h>

namespace vigia::features {
namespace {

FeatureSpec Example() {
  FeatureSpec spec;
  spec.reference_year = 2023;
  spec.raw = {{"ida", FeatureType::kNumber, 0, 10, 0.5, 9.75, {}},
              {"ieg", FeatureType::kNumber, 0, 10, 0, 10, {}},
              {"ano_ingresso", FeatureType::kInteger, 1990, 2030, 2016, 2023, {}},
              {"ipp", FeatureType::kNumber, 0, 10, 0, 10, {}, false},
              {"genero", FeatureType::kCategory, 0, 0, 0, 0, {"Feminino", "Masculino"}}};
  spec.inputs = {{"ida", Operation::kIdentity, {"ida"}, ""},
                 {"genero=Feminino", Operation::kOneHot, {"genero"}, "Feminino"},
                 {"ida_missing", Operation::kMissing, {"ida"}, ""},
                 {"media", Operation::kMean, {"ida", "ieg"}, ""},
                 {"minimo", Operation::kMin, {"ida", "ieg"}, ""},
                 {"maximo", Operation::kMax, {"ida", "ieg"}, ""},
                 {"desvio", Operation::kStd, {"ida", "ieg"}, ""},
                 {"amplitude", Operation::kRange, {"ida", "ieg"}, ""},
                 {"anos_pm", Operation::kTenure, {"ano_ingresso"}, ""},
                 {"ida_menos_ieg", Operation::kDifference, {"ida", "ieg"}, ""},
                 {"atual", Operation::kCurrentLag, {"ida", "ieg", "ano_ingresso"}, "", -1.5},
                 {"se_retido", Operation::kLagIfRetained, {"ida", "ieg"}, "", std::nullopt, -4, 2.25}};
  return spec;
}

TEST(SpecTest, RoundTripsThroughText) {
  const FeatureSpec spec = Example();
  const auto json = ParseJson(PrettyJson(ToJson(spec)));
  ASSERT_TRUE(json.ok());
  const auto read = FeatureSpecFromJson(*json);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_TRUE(*read == spec);
}

TEST(SpecTest, FindsRawFeatures) {
  EXPECT_EQ(Example().FindRaw("ieg"), 1);
  EXPECT_EQ(Example().FindRaw("x"), -1);
}

TEST(SpecTest, RefusesWhatItDoesNotKnow) {
  struct Case {
    const char* pointer;  // what is replaced or added
    Json value;
    const char* named;  // what the message must name
  };
  const Case cases[] = {
      {"/surprise", 1, "surprise"},
      {"/reference_year", "2023", "reference_year"},
      {"/reference_year", -5, "reference_year"},
      {"/raw", 3, "raw"},
      {"/raw/0", 3, "name"},
      {"/raw/0/type", "date", "ida"},
      {"/raw/0/colour", 1, "colour"},
      {"/raw/0/levels", Json::array(), "levels"},
      {"/raw/0/seen_max", nullptr, "seen_max"},
      {"/raw/1/name", "ida", "ida"},
      {"/raw/4/min", 0, "min"},
      {"/raw/4/levels", {"a", "a"}, "genero"},
      {"/raw/4/levels", {"a", 1}, "levels"},
      {"/raw/0/in_training", 1, "in_training"},
      {"/inputs/0/impute", "6", "impute"},
      {"/inputs/0/clip_low", nullptr, "clip_low"},
      {"/inputs", "x", "inputs"},
      {"/inputs/0/operation", "median", "median"},
      {"/inputs/0/level", "Feminino", "level"},
      {"/inputs/0/weight", 2, "weight"},
      {"/inputs/0/inputs", {"ipv"}, "ipv"},
      {"/inputs/1/level", "Outro", "Outro"},
      {"/inputs/1/inputs", Json::array(), "one_hot"},
      {"/inputs/2/name", "ida", "ida"},
  };
  for (const Case& c : cases) {
    Json json = ToJson(Example());
    json[Json::json_pointer(c.pointer)] = c.value;
    const auto read = FeatureSpecFromJson(json);
    ASSERT_FALSE(read.ok()) << c.pointer;
    EXPECT_NE(read.error().message().find(c.named), std::string::npos) << c.pointer << ": " << read.error().message();
  }
}

TEST(SpecTest, RefusesMissingKeys) {
  for (const char* key : {"reference_year", "raw", "inputs"}) {
    Json json = ToJson(Example());
    json.erase(key);
    EXPECT_FALSE(FeatureSpecFromJson(json).ok()) << key;
  }
  EXPECT_FALSE(FeatureSpecFromJson(Json::array()).ok());
}

}  // namespace
}  // namespace vigia::features
