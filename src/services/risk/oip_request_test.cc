#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstring>

#include "base/json.h"
#include "http/message.h"
#include "risk/request_parser.h"
#include "risk/test_model.h"

namespace vigia::risk {
namespace {

template <typename T>
std::string Bytes(std::initializer_list<T> values) {
  std::string out;
  for (const T value : values) out.append(reinterpret_cast<const char*>(&value), sizeof(T));
  return out;
}

std::string Texts(std::initializer_list<std::string_view> values) {
  std::string out;
  for (const std::string_view value : values) {
    out += Bytes({static_cast<uint32_t>(value.size())});
    out += value;
  }
  return out;
}

class OipRequestTest : public testing::Test {
 protected:
  std::string Parse(const std::string& json, const std::string& binary = "", PredictSettings settings = {}) {
    std::string body = json + binary;
    const size_t size = body.size();
    body.append(http::kBodyPadding, '\0');
    const std::optional<size_t> json_size = binary.empty() ? std::nullopt : std::optional(json.size());
    const Status status = parser_.ParseInfer({body.data(), size}, json_size, *model_, settings, rows_, request_);
    return status.ok() ? "OK" : status.error().message();
  }
  // One input, whose members after the name these are.
  std::string ParseInput(const std::string& members, const std::string& binary = "") {
    return Parse(R"({"inputs":[{"name":"iaa",)" + members + "}]}", binary);
  }

  const std::shared_ptr<const ServedModel> model_ = TestServed();
  PredictParser parser_;
  Rows rows_;
  InferRequest request_;
};

TEST_F(OipRequestTest, ReadsAColumnPerFeature) {
  ASSERT_EQ(Parse(R"({"id":"42","parameters":{"content_type":"pd","sequence_id":7},"inputs":[
      {"name":"fase_2023","shape":[2],"datatype":"INT64","data":[3,4]},
      {"name":"iaa","shape":[2,1],"datatype":"FP64","data":[[6.5],[NaN]]},
      {"name":"nome","shape":[2,1],"datatype":"BYTES","data":["x","y"]},
      {"name":"genero","shape":[2,1],"datatype":"BYTES","data":["Masculino",null],
       "parameters":{"content_type":"str"}}]})"),
            "OK");
  ASSERT_EQ(rows_.count, 2U);
  EXPECT_EQ(rows_.row(1)[0], 4);
  EXPECT_EQ(rows_.row(0)[2], 6.5);
  EXPECT_EQ(rows_.row(0)[3], 1);
  EXPECT_EQ(rows_.missing_of(0)[0], 0b10010U);
  EXPECT_EQ(rows_.missing_of(1)[0], 0b11110U);
  EXPECT_EQ(rows_.years, (std::vector<int>{2023, 2023}));
  EXPECT_EQ(request_.id, "42");
  EXPECT_TRUE(request_.as_table);
  ASSERT_EQ(request_.outputs.size(), 2U);
  EXPECT_FALSE(request_.outputs[0].binary);
}

TEST_F(OipRequestTest, ReadsAMatrixInTheSignaturesOrder) {
  for (const char* data : {"[3,15,6.5,1,null, 4,NaN,0,0,7]", "[[3,15,6.5,1,null],[4,null,0,0,7]]"}) {
    ASSERT_EQ(
        Parse(std::string(R"({"inputs":[{"name":"input-0","shape":[2,5],"datatype":"FP64","data":)") + data + "}]}"),
        "OK");
    EXPECT_EQ(rows_.row(0)[3], 1);
    EXPECT_EQ(rows_.missing_of(0)[0], 0b10000U);
    EXPECT_EQ(rows_.row(1)[4], 7);
    EXPECT_EQ(rows_.missing_of(1)[0], 0b00010U);
  }
  EXPECT_EQ(
      Parse(R"({"inputs":[{"name":"m","shape":[1,5],"datatype":"BYTES","data":["3","","6.5","Masculino",null]}]})"),
      "OK");
  EXPECT_EQ(rows_.row(0)[2], 6.5);
  EXPECT_EQ(rows_.row(0)[3], 1);
}

TEST_F(OipRequestTest, ReadsBinaryTensors) {
  ASSERT_EQ(Parse(R"({"parameters":{"binary_data_output":true},"inputs":[
      {"name":"fase","shape":[2],"datatype":"INT32","parameters":{"binary_data_size":8}},
      {"name":"idade","shape":[2],"datatype":"UINT8","data":[15,16]},
      {"name":"iaa","shape":[2,1],"datatype":"FP64","parameters":{"binary_data_size":16}},
      {"name":"genero","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":17}}]})",
                  Bytes<int32_t>({3, 4}) + Bytes({6.5, std::nan("")}) + Texts({"Masculino", ""})),
            "OK");
  EXPECT_EQ(rows_.row(1)[0], 4);
  EXPECT_EQ(rows_.row(1)[1], 16);
  EXPECT_EQ(rows_.row(0)[2], 6.5);
  EXPECT_EQ(rows_.row(0)[3], 1);
  EXPECT_EQ(rows_.missing_of(1)[0], 0b11100U);
  EXPECT_TRUE(request_.outputs[0].binary);
}

TEST_F(OipRequestTest, ReadsEveryDatatype) {
  const auto binary = [&](const std::string& type, const std::string& bytes) {
    const std::string parsed =
        Parse(R"({"inputs":[{"name":"iaa","shape":[1],"datatype":")" + type + R"(","parameters":{"binary_data_size":)" +
                  std::to_string(bytes.size()) + "}}]}",
              bytes);
    return parsed == "OK" ? rows_.row(0)[2] : std::nan(parsed.c_str());
  };
  EXPECT_EQ(binary("BOOL", Bytes<uint8_t>({1})), 1);
  EXPECT_EQ(binary("UINT8", Bytes<uint8_t>({7})), 7);
  EXPECT_EQ(binary("UINT16", Bytes<uint16_t>({7})), 7);
  EXPECT_EQ(binary("UINT32", Bytes<uint32_t>({7})), 7);
  EXPECT_EQ(binary("UINT64", Bytes<uint64_t>({7})), 7);
  EXPECT_EQ(binary("INT8", Bytes<int8_t>({7})), 7);
  EXPECT_EQ(binary("INT16", Bytes<int16_t>({7})), 7);
  EXPECT_EQ(binary("INT32", Bytes<int32_t>({7})), 7);
  EXPECT_EQ(binary("INT64", Bytes<int64_t>({7})), 7);
  EXPECT_EQ(binary("FP16", Bytes<uint16_t>({0x4680})), 6.5);
  EXPECT_EQ(binary("FP16", Bytes<uint16_t>({0x0001})), std::ldexp(1, -24));
  EXPECT_EQ(binary("FP32", Bytes<float>({6.5F})), 6.5);
  EXPECT_EQ(binary("FP64", Bytes<double>({6.5})), 6.5);
  EXPECT_TRUE(std::isnan(binary("FP64", Bytes<double>({HUGE_VAL}))));
  EXPECT_EQ(ParseInput(R"("shape":[1],"datatype":"BOOL","data":[true])"), "OK");
  EXPECT_EQ(rows_.row(0)[2], 1);
}

TEST_F(OipRequestTest, AsksForOutputs) {
  const auto parse = [&](const std::string& outputs) {
    return Parse(R"({"parameters":{"binary_data_output":true},"inputs":[{"name":"iaa","shape":[1],"datatype":"FP64",
                  "data":[6]}],"outputs":)" +
                 outputs + "}");
  };
  ASSERT_EQ(parse(R"([{"name":"predict","parameters":{"binary_data":false}},{"name":"predict_proba"}])"), "OK");
  ASSERT_EQ(request_.outputs.size(), 2U);
  EXPECT_EQ(request_.outputs[0].output, InferRequest::Output::kLabel);
  EXPECT_FALSE(request_.outputs[0].binary);
  EXPECT_TRUE(request_.outputs[1].binary);
  EXPECT_EQ(parse(R"([{"name":"secret"}])"), "output 'secret' is not one of the model's");
  EXPECT_EQ(parse("[{}]"), "an output has no name");
  EXPECT_EQ(parse(R"([{"name":"risk_score","parameters":{"classification":2}}])"),
            "the output parameter 'classification' is not known here");
  EXPECT_EQ(parse(R"([{"name":"risk_score","parameters":{"binary_data":1}}])"),
            "the parameter 'binary_data' must be true or false");
}

TEST_F(OipRequestTest, NamesWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> inputs = {
      {R"("shape":[1],"datatype":"FP64")", "input 'iaa' must have either a list 'data' or binary data"},
      {R"("shape":[1],"data":[1])", "input 'iaa' must have a 'datatype' of BOOL, (U)INT8 to 64, FP16 to 64 or BYTES"},
      {R"("shape":[1],"datatype":"BF16","data":[1])",
       "input 'iaa' must have a 'datatype' of BOOL, (U)INT8 to 64, FP16 to 64 or BYTES"},
      {R"("datatype":"FP64","data":[1])", "input 'iaa' must have a 'shape' of one or two numbers"},
      {R"("shape":[1,1,1],"datatype":"FP64","data":[1])", "input 'iaa' must have a 'shape' of one or two numbers"},
      {R"("shape":[-1],"datatype":"FP64","data":[1])", "input 'iaa' must have sides of 0 to 65536 in its 'shape'"},
      {R"("shape":[0],"datatype":"FP64","data":[])", "there are no instances"},
      {R"("shape":[1001],"datatype":"FP64","data":[1])", "there are more than 1000 instances"},
      {R"("shape":[1,2],"datatype":"FP64","data":[1,2])", "input 'iaa' must have the shape [n] or [n, 1]"},
      {R"("shape":[2],"datatype":"FP64","data":[1])", "input 'iaa' has less data than its shape asks for"},
      {R"("shape":[1],"datatype":"FP64","data":[1,2])", "input 'iaa' has more data than its shape asks for"},
      {R"("shape":[1],"datatype":"FP64","data":[[[1]]])", "instance 1: feature 'iaa' must be a number or null"},
      {R"("shape":[1],"datatype":"FP64","data":["secret"])", "instance 1: feature 'iaa' must be a number or null"},
      {R"("shape":[2],"datatype":"FP64","data":[1,1234])", "instance 2: feature 'iaa' must be between 0 and 10"},
      {R"("shape":[1],"datatype":"FP64","parameters":{"binary_data_size":8})",
       "input 'iaa' announces more binary data than there is"},
      {R"("shape":[1],"datatype":"FP64","parameters":{"shared_memory_region":"r"})",
       "input 'iaa' is in shared memory, which this service does not read"},
      {R"("shape":[1],"datatype":"BYTES","data":["x"],"parameters":{"content_type":"base64"})",
       "input 'iaa' has a content_type that no feature has"},
  };
  for (const auto& [members, want] : inputs) EXPECT_EQ(ParseInput(members), want) << members;
  const std::vector<std::pair<std::string, std::string>> bodies = {
      {"", "the body is not valid JSON"},
      {"[]", "the body must be an object with a list 'inputs'"},
      {"{}", "the body must have a list 'inputs'"},
      {R"({"inputs":[]})", "the body must have a list 'inputs'"},
      {R"({"inputs":[3]})", "an input has no name"},
      {R"({"inputs":[],"parameters":{"binary_data_output":"yes"}})",
       "the parameter 'binary_data_output' must be true or false"},
      {R"({"inputs":[{"name":"m","shape":[1,4],"datatype":"FP64","data":[1,2,3,4]}]})",
       "input 'm' is no feature, and no matrix of 5 columns"},
      {R"({"inputs":[{"name":"m","shape":[1,5],"datatype":"FP64","data":[3,15,6,2,1]}]})",
       "instance 1: feature 'genero' is none of the categories' codes"},
      {R"({"inputs":[{"name":"iaa","shape":[1],"datatype":"FP64","data":[1]},
                     {"name":"x","shape":[1],"datatype":"FP64","data":[1]}]})",
       "feature 'x' is not one of the model's"},
      {R"({"inputs":[{"name":"iaa","shape":[1],"datatype":"FP64","data":[1]},
                     {"name":"iaa_2023","shape":[1],"datatype":"FP64","data":[1]}]})",
       "feature 'iaa_2023' comes twice"},
      {R"({"inputs":[{"name":"iaa","shape":[1],"datatype":"FP64","data":[1]},
                     {"name":"fase","shape":[2],"datatype":"FP64","data":[1,2]}]})",
       "input 'fase' has another number of instances than the first input"},
  };
  for (const auto& [body, want] : bodies) EXPECT_EQ(Parse(body), want) << body;
}

TEST_F(OipRequestTest, NamesWhatIsWrongInBinary) {
  const auto sized = [&](const std::string& type, size_t announced, const std::string& bytes) {
    return ParseInput("\"shape\":[1],\"datatype\":\"" + type +
                          "\",\"parameters\":{\"binary_data_size\":" + std::to_string(announced) + "}",
                      bytes);
  };
  EXPECT_EQ(sized("FP64", 8, Bytes({1.0, 2.0})), "there is more binary data than the inputs announce");
  EXPECT_EQ(sized("FP64", 9, Bytes({1.0})), "input 'iaa' announces more binary data than there is");
  EXPECT_EQ(sized("FP64", 4, Bytes<float>({1})), "input 'iaa' has another number of bytes than its shape asks for");
  EXPECT_EQ(sized("BYTES", 3, "abc"), "input 'iaa' has fewer bytes than its shape and lengths ask for");
  EXPECT_EQ(sized("BYTES", 4, Bytes<uint32_t>({5})), "input 'iaa' has fewer bytes than its shape and lengths ask for");
  EXPECT_EQ(sized("BYTES", 9, Texts({""}) + "12345"), "input 'iaa' has more bytes than its shape and lengths ask for");
  std::string body = "{}";
  EXPECT_EQ(parser_.ParseInfer({body.data(), 2}, 3, *model_, {}, rows_, request_).error().message(),
            "Inference-Header-Content-Length is longer than the body");
}

// JSON, binary columns and a binary matrix of the same numbers are the same rows.
TEST_F(OipRequestTest, AllFormsAgree) {
  EXPECT_TRUE(rc::check("columns, binary and matrix", [&] {
    const auto count = *rc::gen::inRange<size_t>(1, 20);
    std::vector<double> iaa;
    Json matrix = Json::array();
    std::string bytes;
    for (size_t i = 0; i < count; ++i) {
      iaa.push_back(*rc::gen::inRange(0, 1001) / 100.0);
      bytes.append(reinterpret_cast<const char*>(&iaa[i]), sizeof(double));
      for (const Json& value : {Json(nullptr), Json(nullptr), Json(iaa[i]), Json(nullptr), Json(nullptr)}) {
        matrix.push_back(value);
      }
    }
    Json input = {{"name", "iaa"}, {"shape", {count}}, {"datatype", "FP64"}, {"data", iaa}};
    RC_ASSERT(Parse(CompactJson({{"inputs", Json::array({input})}})) == "OK");
    const std::vector<uint64_t> missing = rows_.missing;
    RC_ASSERT(rows_.row(count - 1)[2] == iaa.back());
    input.erase("data");
    input["parameters"] = {{"binary_data_size", bytes.size()}};
    RC_ASSERT(Parse(CompactJson({{"inputs", Json::array({input})}}), bytes) == "OK");
    RC_ASSERT(rows_.missing == missing);
    for (size_t i = 0; i < count; ++i) RC_ASSERT(rows_.row(i)[2] == iaa[i]);
    input = {{"name", "m"}, {"shape", {count, 5}}, {"datatype", "FP64"}, {"data", matrix}};
    RC_ASSERT(Parse(CompactJson({{"inputs", Json::array({input})}})) == "OK");
    RC_ASSERT(rows_.missing == missing);
    for (size_t i = 0; i < count; ++i) RC_ASSERT(rows_.row(i)[2] == iaa[i]);
  }));
}

}  // namespace
}  // namespace vigia::risk
