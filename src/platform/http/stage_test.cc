#include "http/stage.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace vigia::http {
namespace {

class StageTest : public testing::Test {
 protected:
  Response Run(Method method, std::string_view path, Fault fault = Fault::kNone, std::string_view id = {}) {
    std::vector<Route> routes;
    routes.push_back({Method::kGet, "/health", Access::kPublic, Limited::kNo, ErrorShape::kVigia,
                      [](Exchange& e) { e.response.body = "ok"; }});
    routes.push_back({Method::kPost, "/predict", Access::kKey, Limited::kYes, ErrorShape::kVigia,
                      [](Exchange& e) { AnswerError(e, Error(Code::kInvalidArgument, "instance 1: no")); }});
    routes.push_back(
        {Method::kGet, "/v2/models/{m}/versions/{v}", Access::kKey, Limited::kNo, ErrorShape::kOip, [](Exchange& e) {
           e.response.body = std::string((*e.parameters)[0]) + "+" + std::string((*e.parameters)[1]);
         }});
    std::vector<std::unique_ptr<Stage>> stages;
    stages.push_back(MakeRequestIdStage(entropy_));
    stages.push_back(MakeFaultStage());
    stages.push_back(MakeRouteStage(std::move(routes)));
    stages.push_back(MakeActionStage());
    Pipeline pipeline(std::move(stages));
    Request request;
    request.method = method;
    request.path = path;
    request.fault = fault;
    const HeaderField field{"x-REQUEST-id", id};
    if (!id.empty()) request.headers = {&field, 1};
    Response response;
    pipeline.Handle(request, response, {});
    return response;
  }

  FakeEntropy entropy_{1};
};

TEST_F(StageTest, RoutesByPathAndMethod) {
  EXPECT_EQ(Run(Method::kGet, "/health").body, "ok");
  EXPECT_EQ(Run(Method::kHead, "/health").status, 200);
  EXPECT_EQ(Run(Method::kGet, "/v2/models/risk/versions/7").body, "risk+7");
  EXPECT_EQ(Run(Method::kGet, "/v2/models//versions/7").status, 404);
  EXPECT_EQ(Run(Method::kGet, "/v2/models/risk/versions").status, 404);
  EXPECT_EQ(Run(Method::kGet, "/nothing").status, 404);
  EXPECT_EQ(Run(Method::kGet, "*").status, 404);
  EXPECT_EQ(Run(Method::kDelete, "/health").status, 405);
  EXPECT_NE(Run(Method::kDelete, "/health").headers.find("Allow: OPTIONS, GET, HEAD\r\n"), std::string::npos);
  EXPECT_EQ(Run(Method::kOptions, "/predict").status, 204);
  EXPECT_EQ(Run(Method::kHead, "/predict").status, 405);
}

TEST_F(StageTest, ErrorsHaveOneShape) {
  const Response response = Run(Method::kPost, "/predict", Fault::kNone, "abc-1");
  EXPECT_EQ(response.status, 422);
  const Json body = ParseJson(response.body).value();
  EXPECT_EQ(body["detail"], "instance 1: no");
  EXPECT_EQ(body["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(body["error"]["message"], "instance 1: no");
  EXPECT_EQ(body["error"]["request_id"], "abc-1");
}

TEST_F(StageTest, EveryFaultHasItsStatusAndCloses) {
  const std::vector<std::pair<Fault, int>> cases = {
      {Fault::kMalformed, 400},     {Fault::kTimeout, 408},     {Fault::kBodyTooLarge, 413},
      {Fault::kTargetTooLong, 414}, {Fault::kExpectation, 417}, {Fault::kHeadTooLarge, 431},
      {Fault::kUnsupported, 501},   {Fault::kVersion, 505},     {Fault::kTooManyConnections, 503}};
  for (const auto& [fault, status] : cases) {
    const Response response = Run(Method::kPost, "/predict", fault);
    EXPECT_EQ(response.status, status);
    EXPECT_TRUE(response.close);
    EXPECT_NE(response.headers.find("X-Request-ID: "), std::string::npos);
  }
}

TEST_F(StageTest, KeepsSaneIdsAndDrawsTheOthers) {
  EXPECT_EQ(Run(Method::kGet, "/health", Fault::kNone, "Ab.9_-z").headers, "X-Request-ID: Ab.9_-z\r\n");
  const std::string too_long(65, 'a');
  for (const std::string& bad : {std::string("a b"), std::string("a\"b"), too_long, std::string("ç")}) {
    const std::string headers = Run(Method::kGet, "/health", Fault::kNone, bad).headers;
    EXPECT_EQ(headers.size(), std::string_view("X-Request-ID: \r\n").size() + 32) << bad;
  }
  EXPECT_NE(Run(Method::kGet, "/health").headers, Run(Method::kGet, "/health").headers);
}

}  // namespace
}  // namespace vigia::http
