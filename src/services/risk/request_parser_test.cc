#include "risk/request_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "base/text.h"
#include "http/message.h"
#include "risk/test_model.h"

namespace vigia::risk {
namespace {

class RequestParserTest : public testing::Test {
 protected:
  Status Parse(std::string body, PredictSettings settings = {}) {
    const size_t size = body.size();
    body.append(http::kBodyPadding, '\0');
    return parser_.Parse({body.data(), size}, *model_, settings, rows_);
  }
  std::string ErrorOf(const std::string& body, PredictSettings settings = {}) {
    const Status status = Parse(body, settings);
    return status.ok() ? "OK" : status.error().message();
  }

  const std::shared_ptr<const ServedModel> model_ = TestServed();
  PredictParser parser_;
  Rows rows_;
};

TEST_F(RequestParserTest, ReadsRows) {
  ASSERT_TRUE(Parse(R"({"instances":[{"fase_2023":3,"idade_2023":15,"iaa_2023":6.5},
                                     {"fase":1,"genero":"Masculino","ano":2022},{}]})")
                  .ok());
  ASSERT_EQ(rows_.count, 3U);
  EXPECT_EQ(rows_.row(0)[0], 3);
  EXPECT_EQ(rows_.row(0)[2], 6.5);
  EXPECT_TRUE(std::isnan(rows_.row(0)[3]));
  EXPECT_EQ(rows_.row(1)[3], 1);
  EXPECT_EQ(rows_.years, (std::vector<int>{2023, 2022, 0}));
  EXPECT_EQ(rows_.missing_of(0)[0], 0b11000U);
  EXPECT_EQ(rows_.missing_of(2)[0], 0b11111U);
}

TEST_F(RequestParserTest, TakesNonFiniteLiteralsAndNullAsMissing) {
  ASSERT_TRUE(Parse(R"({"instances":[{"iaa":NaN,"fase":Infinity,"idade":-Infinity,"genero":null},
                                     {"iaa": 4, "genero": "Feminino"}]})")
                  .ok());
  EXPECT_EQ(rows_.missing_of(0)[0], 0b11111U);
  EXPECT_EQ(rows_.row(1)[2], 4);
  EXPECT_EQ(ErrorOf(R"({"instances":[{"genero":"NaN"}]})"),
            "instance 1: feature 'genero' is none of the categories: Feminino, Masculino");
  EXPECT_EQ(ErrorOf(R"({"instances":[{"iaa":NaNa}]})"), "the body is not valid JSON");
}

TEST_F(RequestParserTest, DropsIdentifiers) {
  ASSERT_TRUE(
      Parse(R"({"instances":[{"ra":"RA-1","nome":"x","id":7,"student_id":{},"estudante_id":[],"nome_2023":"y"}]})")
          .ok());
  EXPECT_EQ(rows_.missing_of(0)[0], 0b11111U);
  EXPECT_EQ(rows_.years[0], 0);
}

TEST_F(RequestParserTest, NamesInstanceAndFieldAndNeverAValue) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "the body is not valid JSON"},
      {"{", "the body is not valid JSON"},
      {"[]", "the body must be an object with a list 'instances'"},
      {"{}", "the body must have a list 'instances'"},
      {R"({"instances":{}})", "the body must have a list 'instances'"},
      {R"({"instances":[]})", "there are no instances"},
      {R"({"instances":[{},3]})", "instance 2: must be an object of features"},
      {R"({"instances":[{}],"explain":1})", "'explain' must be true or false"},
      {R"({"instances":[{}],"instances":[{}]})", "'instances' comes twice"},
      {R"({"explain":true,"instances":[{}],"explain":false})", "'explain' comes twice"},
      {R"({"instances":[{},{"iaa":"secret"}]})", "instance 2: feature 'iaa' must be a number or null"},
      {R"({"instances":[{"iaa":true}]})", "instance 1: feature 'iaa' must be a number or null"},
      {R"({"instances":[{"iaa_2023":77.5}]})", "instance 1: feature 'iaa_2023' must be between 0 and 10"},
      {R"({"instances":[{"iaa":-0.001}]})", "instance 1: feature 'iaa' must be between 0 and 10"},
      {R"({"instances":[{"fase":2.5}]})", "instance 1: feature 'fase' must be a whole number"},
      {R"({"instances":[{"fase":1e300}]})", "instance 1: feature 'fase' must be between 0 and 9"},
      {R"({"instances":[{"genero":3}]})", "instance 1: feature 'genero' must be a text or null"},
      {R"({"instances":[{"x1":1}]})", "instance 1: feature 'x1' is not one of the model's"},
      {R"({"instances":[{"\u0001":1}]})", "instance 1: feature with an unprintable name is not one of the model's"},
      {R"({"instances":[{"fase_2023":1,"iaa_2022":5}]})", "instance 1: its features speak of different years"},
      {R"({"instances":[{"fase_2023":1,"ano":2022}]})", "instance 1: its features speak of different years"},
      {R"({"instances":[{"fase":1,"fase_2023":1}]})", "instance 1: feature 'fase_2023' comes twice"},
      {R"({"instances":[{"ano":3.5}]})", "instance 1: feature 'ano' must be a whole number"},
      {R"({"instances":[{"iaa":01}]})", "the body is not valid JSON"},
      {R"({"instances":[{"iaa":1}]} x)", "the body is not valid JSON"},
      {std::string("{\"instances\":[{\"genero\":\"\xff\"}]}"), "the body is not valid JSON"},
      {std::string(10'000, '['), "the body is not valid JSON"},
      {std::string(200, '[') + std::string(200, ']'), "the body is not valid JSON"},
  };
  for (const auto& [body, want] : cases) EXPECT_EQ(ErrorOf(body), want) << body.substr(0, 80);
}

TEST_F(RequestParserTest, WholeNumbersMayBeWrittenWithAPoint) {
  ASSERT_TRUE(Parse(R"({"instances":[{"fase":3.0,"idade":1.5e1}]})").ok());
  EXPECT_EQ(rows_.row(0)[1], 15);
}

TEST_F(RequestParserTest, LimitsTheNumberOfInstances) {
  const auto body = [](int count) {
    std::string text = R"({"instances":[{"fase":1})";
    for (int i = 1; i < count; ++i) text += R"(,{"fase":1})";
    return text + "]}";
  };
  EXPECT_TRUE(Parse(body(1000)).ok());
  EXPECT_EQ(rows_.count, 1000U);
  EXPECT_EQ(ErrorOf(body(1001)), "there are more than 1000 instances");
  EXPECT_EQ(ErrorOf(body(100'000)), "there are more than 1000 instances");
  EXPECT_EQ(ErrorOf(body(3000) + "no JSON"), "there are more than 1000 instances") << "refused before it is parsed";
}

TEST_F(RequestParserTest, BracesInStringsAreNoInstances) {
  const std::string braces(5000, '{');
  EXPECT_TRUE(Parse(R"({"note":")" + braces + R"(","instances":[{"fase":1}]})").ok());
  EXPECT_TRUE(
      Parse(R"({"note":"\"\\")" + std::string(R"(,"other":")") + braces + R"(","instances":[{"fase":1}]})").ok());
}

TEST_F(RequestParserTest, ExtraFeaturesMayBeIgnored) {
  const PredictSettings ignore{ExtraFeatures::kIgnore, 1000};
  ASSERT_TRUE(Parse(R"({"instances":[{"x":1,"fase":2},{"x":{"y":[1]},"z":null}]})", ignore).ok());
  EXPECT_EQ(rows_.ignored, (std::vector<std::string>{"'x'", "'z'"}));
  EXPECT_EQ(rows_.row(0)[0], 2);
}

// What was learnt of one request's keys does not change what the next one means.
TEST_F(RequestParserTest, TheOrderOfKeysDoesNotMatter) {
  EXPECT_TRUE(rc::check("any order, same row", [&] {
    std::vector<std::string> fields = {R"("fase":3)", R"("idade_2023":15)", R"("iaa":6.5)", R"("genero":"Feminino")",
                                       R"("nome":"x")"};
    for (size_t i = fields.size(); i > 1; --i) std::swap(fields[i - 1], fields[*rc::gen::inRange<size_t>(0, i)]);
    RC_ASSERT(Parse("{\"instances\":[{" + Join(fields, ",") + "}]}").ok());
    RC_ASSERT(rows_.row(0)[0] == 3);
    RC_ASSERT(rows_.row(0)[1] == 15);
    RC_ASSERT(rows_.row(0)[2] == 6.5);
    RC_ASSERT(rows_.row(0)[3] == 0);
    RC_ASSERT(rows_.years[0] == 2023);
  }));
}

}  // namespace
}  // namespace vigia::risk
