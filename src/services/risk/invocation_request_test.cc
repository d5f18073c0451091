#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "base/text.h"
#include "http/message.h"
#include "risk/request_parser.h"
#include "risk/test_model.h"

namespace vigia::risk {
namespace {

class InvocationRequestTest : public testing::Test {
 protected:
  std::string Parse(std::string body, InvocationFormat format = InvocationFormat::kJson,
                    PredictSettings settings = {}) {
    const size_t size = body.size();
    body.append(http::kBodyPadding, '\0');
    const std::string_view text(body.data(), size);
    const Status status = format == InvocationFormat::kCsv ? parser_.ParseCsv(text, *model_, settings, rows_)
                                                           : parser_.ParseInvocation(text, *model_, settings, rows_);
    return status.ok() ? "OK" : status.error().message();
  }
  std::string Csv(const std::string& body) { return Parse(body, InvocationFormat::kCsv); }

  const std::shared_ptr<const ServedModel> model_ = TestServed();
  PredictParser parser_;
  Rows rows_;
};

TEST_F(InvocationRequestTest, EveryShapeMeansTheSame) {
  for (const char* good :
       {R"({"instances":[{"fase":3,"iaa":6.5,"genero":"Masculino"}]})",
        R"({"inputs":[{"fase":3,"iaa":6.5,"genero":"Masculino"}]})",
        R"({"inputs":{"genero":["Masculino"],"fase_2023":[3],"iaa":[6.5]}})",
        R"({"instances":{"fase":[3],"iaa":[6.5],"genero":["Masculino"],"idade":[NaN]}})",
        R"({"instances":[[3,null,6.5,"Masculino",null]]})", R"({"inputs":[[3,null,6.5,"Masculino",null]]})",
        R"({"dataframe_records":[{"fase":3,"iaa":6.5,"genero":"Masculino"}],"params":{"x":1}})",
        R"({"dataframe_split":{"columns":["iaa","fase","genero"],"index":[0],"data":[[6.5,3,"Masculino"]]}})"}) {
    ASSERT_EQ(Parse(good), "OK") << good;
    ASSERT_EQ(rows_.count, 1U);
    EXPECT_EQ(rows_.row(0)[0], 3);
    EXPECT_EQ(rows_.row(0)[2], 6.5);
    EXPECT_EQ(rows_.row(0)[3], 1);
    EXPECT_EQ(rows_.missing_of(0)[0], 0b10010U) << good;
  }
  for (const char* good : {"fase,iaa,genero\n3,6.5,Masculino\n", "fase,iaa,genero\r\n3,6.5,Masculino\r\n\r\n",
                           "\xef\xbb\xbf\"fase\",iaa,\"genero\",idade\n\n3.0,6.5,\"Masculino\",",
                           "nome,fase,iaa,genero,ipp\n\"a, \"\"b\"\"\nc\",3,6.5,Masculino,NaN"}) {
    ASSERT_EQ(Csv(good), "OK") << good;
    ASSERT_EQ(rows_.count, 1U);
    EXPECT_EQ(rows_.row(0)[2], 6.5);
    EXPECT_EQ(rows_.missing_of(0)[0], 0b10010U) << good;
  }
}

TEST_F(InvocationRequestTest, RefusesTheRest) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"dataframe_split":{"columns":["iaa"],"data":[[1],[2,3]]}})", "instance 2: must have a value per column"},
      {R"({"dataframe_split":{"columns":["iaa"]}})", "'dataframe_split' must have the lists 'columns' and 'data'"},
      {R"({"dataframe_split":{"columns":[1],"data":[[1]]}})", "'columns' must be names"},
      {R"({"dataframe_split":{"columns":["iaa"],"data":[]}})", "there are no instances"},
      {R"({"instances":[{}],"inputs":[{}]})", "the body must have exactly one kind of input"},
      {R"({"instances":[{}],"params":[]})", "'params' must be an object"},
      {R"({"inputs":3})", "'inputs' must be a list or an object of lists"},
      {R"({"inputs":{}})", "there are no instances"},
      {R"({"inputs":{"fase":[]}})", "there are no instances"},
      {R"({"inputs":{"fase":3}})", "feature 'fase' must be a list of values"},
      {R"({"inputs":{"fase":[3],"iaa":[1,2]}})", "feature 'iaa' has another number of values than the first one"},
      {R"({"inputs":{"fase":[3],"fase_2023":[3]}})", "feature 'fase_2023' comes twice"},
      {R"({"inputs":{"x1":[3]}})", "feature 'x1' is not one of the model's"},
      {R"({"inputs":{"fase":[3,77]}})", "instance 2: feature 'fase' must be between 0 and 9"},
      {R"({"inputs":{"fase_2023":[3],"iaa_2022":[1]}})", "instance 1: its features speak of different years"},
      {R"({"instances":[[3,null,6.5,"Masculino"]]})", "instance 1: must be a list of 5 values"},
      {R"({"instances":[[3,null,6.5,"Masculino",null],{}]})", "instance 2: must be a list of 5 values"},
      {R"({"instances":[[3,null,"s",null,null]]})", "instance 1: feature 'iaa' must be a number or null"},
      {R"({"dataframe_records":[[3]]})", "instance 1: must be an object of features"},
      {R"({"dataframe_records":{"fase":[3]}})", "'dataframe_records' must be a list of objects"},
      {"{}", "the body must have 'dataframe_split', 'dataframe_records', 'instances' or 'inputs'"},
      {"[]", "the body must have 'dataframe_split', 'dataframe_records', 'instances' or 'inputs'"},
      {"fase\n3\n", "the body is not valid JSON"},
  };
  for (const auto& [body, want] : cases) EXPECT_EQ(Parse(body), want) << body;
  const std::vector<std::pair<std::string, std::string>> csv = {
      {"", "the CSV has no line of names"},
      {"\n\n", "the CSV has no line of names"},
      {"fase,iaa\n", "there are no instances"},
      {"fase,iaa\n3\n", "instance 1: must have a value per column"},
      {"fase,iaa\n3,secret\n", "instance 1: feature 'iaa' must be a number"},
      {"fase,iaa\n3,1\n4,11\n", "instance 2: feature 'iaa' must be between 0 and 10"},
      {"genero\nsecret\n", "instance 1: feature 'genero' is none of the categories: Feminino, Masculino"},
      {"fase,fase\n3,3\n", "instance 1: feature 'fase' comes twice"},
      {"x1\n3\n", "instance 1: feature 'x1' is not one of the model's"},
      {"fase\n\"3\n", "the CSV has a quote that does not end"},
      {"fase\n\"3\"4\n", "the CSV has text behind a quoted field"},
      {"genero\n\xff\n", "the body is not UTF-8"},
  };
  for (const auto& [body, want] : csv) EXPECT_EQ(Csv(body), want) << body;
  std::string many = "fase\n";
  for (int i = 0; i < 1001; ++i) many += "3\n";
  EXPECT_EQ(Csv(many), "there are more than 1000 instances");
}

TEST_F(InvocationRequestTest, ContentTypes) {
  for (const char* json : {"", "application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8",
                           "application/json; charset=\"utf-8\""}) {
    const auto format = InvocationFormatOf(json);
    ASSERT_TRUE(format.ok()) << json;
    EXPECT_EQ(*format, InvocationFormat::kJson);
  }
  const auto csv = InvocationFormatOf("text/csv; charset=utf-8");
  ASSERT_TRUE(csv.ok());
  EXPECT_EQ(*csv, InvocationFormat::kCsv);
  for (const char* bad : {"text/xml", "application/json; charset=latin-1", "application/json; format=pandas-split",
                          "text/csv; header=present", "application/json; charset"}) {
    EXPECT_FALSE(InvocationFormatOf(bad).ok()) << bad;
  }
}

// Any CSV that is written with all fields quoted reads back, whatever the fields hold.
TEST_F(InvocationRequestTest, QuotedFieldsHoldAnything) {
  EXPECT_TRUE(rc::check("names of pupils do not disturb", [&] {
    const auto name = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,\n\r\"; ")));
    std::string quoted = "\"";
    for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
    RC_ASSERT(Csv("nome,iaa\n" + quoted + "\",6.5\n" + quoted + "\",7\n") == "OK");
    RC_ASSERT(rows_.count == 2U);
    RC_ASSERT(rows_.row(1)[2] == 7);
  }));
}

}  // namespace
}  // namespace vigia::risk
