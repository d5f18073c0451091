#include "risk/service.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "http/server.h"
#include "http/test_client.h"
#include "risk/test_model.h"

namespace vigia::risk {
namespace {

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() : service_(ServiceSettings{}, ServiceParts{clock_, entropy_}, 1) {
    http::ServerSettings settings;
    settings.loops = 1;
    auto started = http::Server::Start(
        settings, [this](unsigned loop) { return service_.MakeHandler(loop); }, clock_);
    CHECK(started.ok(), "cannot start");
    server_ = std::move(started).value();
  }

  FakeClock clock_{WallTime(std::chrono::seconds(1'800'000'000))};
  SystemEntropy entropy_;
  RiskService service_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(ServiceTest, WithoutAModelItIsDegradedAndNotReady) {
  http::TestClient client(server_->port());
  Json health = ParseJson(client.Get("/health").body).value();
  EXPECT_EQ(health["status"], "degraded");
  EXPECT_EQ(health["model_loaded"], false);
  EXPECT_EQ(health["model_version"], nullptr);
  const http::TestResponse ready = client.Get("/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ParseJson(ready.body).value(), ParseJson(R"({"ready":false,"reason":"model_not_loaded"})").value());
  EXPECT_EQ(client.Post("/predict", R"({"instances":[{}]})").status, 503);
  EXPECT_EQ(client.Get("/metadata").status, 503);
  service_.models().Set(TestServed());
  EXPECT_EQ(ParseJson(client.Get("/ready").body).value()["model_version"], "v1.0.0");
  clock_.Advance(std::chrono::milliseconds(12'340));
  health = ParseJson(client.Get("/health").body).value();
  EXPECT_EQ(health["status"], "healthy");
  EXPECT_EQ(health["uptime_seconds"], 12.34);
}

TEST_F(ServiceTest, PredictsAndNamesWhatItImputed) {
  service_.models().Set(TestServed());
  http::TestClient client(server_->port());
  const http::TestResponse response =
      client.Post("/predict", R"({"instances":[{"fase_2023":3,"iaa_2023":6},{"iaa":0,"nome":"Ana"}]})",
                  "Content-Type: application/x-www-form-urlencoded\r\nX-Request-ID: r-1\r\n");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.Header("X-Request-ID"), "r-1");
  EXPECT_EQ(response.body.find("Ana"), std::string::npos);
  const Json body = ParseJson(response.body).value();
  ASSERT_EQ(body["predictions"].size(), 2U);
  EXPECT_EQ(body["predictions"][0]["risk_score"], 0.268941);
  EXPECT_EQ(body["predictions"][0]["risk_label"], 0);
  EXPECT_EQ(body["predictions"][0]["model_version"], "v1.0.0");
  EXPECT_EQ(body["predictions"][1]["risk_score"], 0.978119);
  EXPECT_EQ(body["predictions"][1]["risk_label"], 1);
  EXPECT_EQ(body["request_id"], "r-1");
  EXPECT_GT(body["processing_time_ms"], 0);
  EXPECT_EQ(body["imputed"], (std::vector<std::string>{"fase", "idade", "genero"}));
  EXPECT_EQ(body["warnings"][0], "3 missing features were imputed: fase, idade, genero");
}

TEST_F(ServiceTest, RefusalsHaveOneShape) {
  service_.models().Set(TestServed());
  http::TestClient client(server_->port());
  const http::TestResponse response = client.Post("/predict", R"({"instances":[{"iaa":12345.678}]})");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.body.find("12345"), std::string::npos);
  const Json body = ParseJson(response.body).value();
  EXPECT_EQ(body["detail"], "instance 1: feature 'iaa' must be between 0 and 10");
  EXPECT_EQ(body["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(body["error"]["request_id"], response.Header("X-Request-ID"));
  EXPECT_EQ(client.Get("/predict").status, 405);
  EXPECT_EQ(client.Get("/nothing").status, 404);
}

TEST_F(ServiceTest, MetadataSaysWhatIsInForce) {
  service_.models().Set(TestServed());
  http::TestClient client(server_->port());
  Json body = ParseJson(client.Get("/metadata").body).value();
  EXPECT_EQ(body["model_version"], "v1.0.0");
  EXPECT_EQ(body["model_family"], "logistic_regression");
  EXPECT_EQ(body["threshold"], 0.4);
  EXPECT_EQ(body["threshold_source"], "metadata");
  EXPECT_EQ(body["expected_features"], (std::vector<std::string>{"fase", "idade", "iaa", "genero", "ipp"}));
  EXPECT_EQ(body["calibration"], nullptr);
  EXPECT_EQ(body["created_at"], "2026-11-20T10:00:00Z");
}

TEST_F(ServiceTest, ReasonsAddUpToTheScore) {
  service_.models().Set(TestServed());
  http::TestClient client(server_->port());
  const Json body =
      ParseJson(
          client.Post("/predict", R"({"instances":[{"fase":7,"iaa":5,"genero":"Feminino"}],"explain":true})").body)
          .value();
  const Json& prediction = body["predictions"][0];
  double margin = prediction["explanation"]["bias"];
  for (const auto& [name, part] : prediction["explanation"]["contributions"].items()) margin += part.get<double>();
  EXPECT_NEAR(1 / (1 + std::exp(-margin)), prediction["risk_score"].get<double>(), 1e-6);
  EXPECT_NEAR(prediction["explanation"]["contributions"]["fase"].get<double>(), 1.0, 1e-6);
}

TEST_F(ServiceTest, MetricsCountWhatHappened) {
  service_.models().Set(TestServed());
  http::TestClient client(server_->port());
  for (int i = 0; i < 3; ++i) client.Post("/predict", R"({"instances":[{"iaa":0},{}]})");
  client.Post("/predict", "{");
  client.Get("/nothing");
  const Json body = ParseJson(client.Get("/metrics").body).value();
  EXPECT_EQ(body["requests"]["total"], 5);
  EXPECT_EQ(body["requests"]["success"], 3);
  EXPECT_EQ(body["requests"]["error"], 2);
  EXPECT_EQ(body["requests"]["by_status"], ParseJson(R"({"200":3,"404":1,"422":1})").value());
  EXPECT_EQ(body["predictions"], ParseJson(R"({"total":6,"positive":3,"negative":3})").value());
  EXPECT_EQ(body["model"]["version"], "v1.0.0");
  EXPECT_EQ(body["slo"]["overall_healthy"], true);
  const http::TestResponse text = client.Get("/metrics?format=prometheus&names=all");
  EXPECT_EQ(text.Header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"api_requests_total 6\n", "api_requests_success_total 4\n", "api_requests_error_total 2\n",
        "api_predictions_total 6\n", "api_model_info{version=\"v1.0.0\"} 1\n", "api_slo_healthy 1\n",
        "http_requests_total{method=\"POST\",path=\"/predict\",status=\"200\"} 3\n",
        "http_request_duration_seconds_count{method=\"POST\",path=\"/predict\"} 4\n", "api_latency_ms_p95 "}) {
    EXPECT_NE(text.body.find(line), std::string::npos) << line << text.body;
  }
  EXPECT_TRUE(client.Get("/metrics?format=openmetrics").body.ends_with("# EOF\n"));
}

TEST_F(ServiceTest, AnswersMlflowClients) {
  http::TestClient client(server_->port());
  EXPECT_EQ(client.Get("/ping").status, 503);
  service_.models().Set(TestServed());
  EXPECT_EQ(client.Get("/ping").status, 200);
  const std::string json = "Content-Type: application/json\r\n";
  EXPECT_EQ(client.Post("/invocations", R"({"dataframe_split":{"columns":["iaa"],"data":[[6],[0]]}})", json).body,
            "{\"predictions\": [0.268941, 0.978119]}");
  const http::TestResponse bad = client.Post("/invocations", R"({"inputs":[{"iaa":99}]})", json);
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(ParseJson(bad.body).value()["error_code"], "BAD_REQUEST");
  EXPECT_EQ(client.Post("/invocations", "a,b", "Content-Type: text/xml\r\n").status, 415);
}

TEST_F(ServiceTest, ReadsMlflowsCsv) {
  service_.models().Set(TestServed());
  http::TestClient client(server_->port());
  EXPECT_EQ(client.Post("/invocations", "iaa,fase\n6,3\n0,\n", "Content-Type: text/csv; charset=utf-8\r\n").body,
            "{\"predictions\": [0.268941, 0.978119]}");
  const http::TestResponse bad =
      client.Post("/invocations", "{}", "Content-Type: application/json; format=pandas-split\r\n");
  EXPECT_EQ(bad.status, 415);
  EXPECT_EQ(ParseJson(bad.body).value(),
            ParseJson(R"({"error_code":"BAD_REQUEST","message":"the only parameter of the content type is charset"})")
                .value());
}

TEST_F(ServiceTest, AnswersTheOpenInferenceProtocol) {
  http::TestClient client(server_->port());
  EXPECT_EQ(client.Get("/v2").status, 200);
  EXPECT_EQ(client.Get("/v2/health/live").status, 200);
  EXPECT_EQ(client.Get("/v2/health/ready").status, 503);
  EXPECT_EQ(client.Get("/v2/models/risk/ready").status, 503);
  service_.models().Set(TestServed());
  EXPECT_EQ(client.Get("/v2/health/ready").status, 200);
  EXPECT_EQ(client.Get("/v2/models/risk/ready").status, 200);
  EXPECT_EQ(client.Get("/v2/models/risk/versions/v1.0.0/ready").status, 200);
  for (const char* other : {"/v2/models/other", "/v2/models/risk/versions/v0.9.0", "/v2/models/other/ready"}) {
    const http::TestResponse response = client.Get(other);
    EXPECT_EQ(response.status, 404) << other;
    EXPECT_TRUE(ParseJson(response.body).value()["error"].is_string()) << response.body;
  }
  const Json model = ParseJson(client.Get("/v2/models/risk").body).value();
  EXPECT_EQ(model["versions"], (std::vector<std::string>{"v1.0.0"}));
  EXPECT_EQ(model["inputs"][3], ParseJson(R"({"name":"genero","datatype":"BYTES","shape":[-1]})").value());
  const char* request = R"({"id":"7","inputs":[{"name":"iaa","shape":[2],"datatype":"FP64","data":[6,0]}],
                            "outputs":[{"name":"risk_score"},{"name":"predict"},{"name":"predict_proba"}]})";
  const http::TestResponse response = client.Post("/v2/models/risk/infer", request);
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(ParseJson(response.body).value(), ParseJson(R"({"model_name":"risk","model_version":"v1.0.0","id":"7",
      "parameters":{"imputed":"fase, idade, genero"},"outputs":[
      {"name":"risk_score","datatype":"FP64","shape":[2],"data":[0.268941,0.978119]},
      {"name":"predict","datatype":"INT32","shape":[2],"data":[0,1]},
      {"name":"predict_proba","datatype":"FP64","shape":[2,2],"data":[0.731059,0.268941,0.021881,0.978119]}]})")
                                                  .value());
  const http::TestResponse bad = client.Post("/v2/models/risk/versions/v1.0.0/infer", "{}");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(ParseJson(bad.body).value(), ParseJson(R"({"error":"the body must have a list 'inputs'"})").value());
  EXPECT_EQ(client.Post("/v2/models/risk/versions/v9/infer", request).status, 404);
  EXPECT_EQ(client.Post("/v2/models/risk/infer", request, "Content-Encoding: gzip\r\n").status, 415);
  EXPECT_EQ(client.Post("/v2/models/risk/infer", request, "Inference-Header-Content-Length: x\r\n").status, 400);
  const Json metrics = ParseJson(client.Get("/metrics").body).value();
  EXPECT_EQ(metrics["predictions"]["total"], 2);
}

TEST_F(ServiceTest, AnswersBinaryTensors) {
  service_.models().Set(TestServed());
  http::TestClient client(server_->port());
  const std::string json = R"({"inputs":[{"name":"iaa","shape":[2],"datatype":"FP64",
                               "parameters":{"binary_data_size":16}}],"parameters":{"binary_data_output":true}})";
  const std::array<double, 2> iaa = {6, 0};
  const std::string body = json + std::string(reinterpret_cast<const char*>(iaa.data()), 16);
  const http::TestResponse response = client.Post(
      "/v2/models/risk/infer", body, "Inference-Header-Content-Length: " + std::to_string(json.size()) + "\r\n");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.Header("Content-Type"), "application/octet-stream");
  const auto length = static_cast<size_t>(std::stoul(response.Header("Inference-Header-Content-Length")));
  const Json head = ParseJson(response.body.substr(0, length)).value();
  EXPECT_EQ(head["outputs"][0]["parameters"]["binary_data_size"], 16);
  EXPECT_FALSE(head["outputs"][0].contains("data"));
  ASSERT_EQ(response.body.size(), length + 16 + 8);
  std::array<double, 2> scores;
  std::array<int32_t, 2> labels;
  std::memcpy(scores.data(), response.body.data() + length, 16);
  std::memcpy(labels.data(), response.body.data() + length + 16, 8);
  EXPECT_EQ(scores, (std::array<double, 2>{0.268941, 0.978119}));
  EXPECT_EQ(labels, (std::array<int32_t, 2>{0, 1}));
}

TEST_F(ServiceTest, OpenMetricsLeadsToRequests) {
  service_.models().Set(TestServed());
  http::TestClient client(server_->port());
  client.Post("/predict", R"({"instances":[{}]})", "X-Request-ID: found-me\r\n");
  const http::TestResponse open = client.Get("/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
  EXPECT_EQ(open.Header("Content-Type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_NE(open.body.find(" # {trace_id=\"found-me\"} "), std::string::npos) << open.body;
  EXPECT_EQ(client.Get("/metrics?format=prometheus").body.find("found-me"), std::string::npos);
}

TEST_F(ServiceTest, SloTellsHowFastTheBudgetsBurn) {
  http::TestClient client(server_->port());
  const auto burns = [&](const std::string& sli) {
    Json found = Json::array();
    // A connection of its own: the others are idle for too long when the clock is put forward.
    const Json slo = ParseJson(http::TestClient(server_->port()).Get("/slo").body).value();
    for (const Json& burn : slo["burn_rates"]) {
      if (burn["sli"] == sli) found.push_back(burn);
    }
    return found;
  };
  for (int i = 0; i < 4; ++i) client.Post("/predict", "{}");
  Json errors = burns("errors");
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(errors[0]["long_burn_rate"], 100);
  EXPECT_EQ(errors[0]["firing"], false);
  EXPECT_EQ(errors[0]["held_back_by_low_traffic"], true);
  client.Post("/predict", "{}");
  errors = burns("errors");
  EXPECT_EQ(errors[0]["firing"], true);
  EXPECT_EQ(burns("latency")[0]["firing"], false);
  const std::string text = client.Get("/metrics?format=prometheus").body;
  for (const char* line :
       {"slo_burn_rate{sli=\"errors\",window=\"3d\"} 100\n", "slo_burn_rate{sli=\"latency\",window=\"5m\"} 0\n",
        "slo_burn_alert{sli=\"errors\",severity=\"page\",long_window=\"1h\",short_window=\"5m\"} 1\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  clock_.Advance(std::chrono::minutes(20));
  errors = burns("errors");
  EXPECT_EQ(errors[0]["firing"], false);
  EXPECT_EQ(errors[0]["short_requests"], 0);
  EXPECT_EQ(errors[1]["firing"], true);
}

// Both ways: what is documented answers, and what answers is documented.
TEST_F(ServiceTest, DocumentsEveryRoute) {
  http::TestClient client(server_->port());
  const Json paths = ParseJson(client.Get("/openapi.json").body).value()["paths"];
  std::set<std::pair<std::string, std::string>> documented, served;
  for (const auto& [path, methods] : paths.items()) {
    for (const auto& [method, operation] : methods.items()) documented.insert({ToUpperAscii(method), path});
  }
  for (const RouteName& route : service_.telemetry().routes()) served.insert({route.method, route.path});
  EXPECT_EQ(documented, served);
}

TEST_F(ServiceTest, DescribesItself) {
  http::TestClient client(server_->port());
  EXPECT_EQ(ParseJson(client.Get("/openapi.json").body).value()["openapi"], "3.1.0");
  service_.models().Set(TestServed());
  const Json api = ParseJson(client.Get("/openapi.json").body).value();
  EXPECT_EQ(api["components"]["schemas"]["Instance"]["properties"]["fase"]["maximum"], 9);
  EXPECT_TRUE(api["paths"]["/predict"]["post"]["responses"].contains("429"));
  const http::TestResponse docs = client.Get("/docs");
  EXPECT_EQ(docs.Header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(docs.body.find("http://cdn"), std::string::npos);
  EXPECT_NE(docs.body.find("<code>genero</code>"), std::string::npos);
}

TEST_F(ServiceTest, SloCountsServerErrorsOnly) {
  http::TestClient client(server_->port());
  EXPECT_EQ(ParseJson(client.Get("/slo").body).value()["latency_p95_ms"], nullptr);
  service_.models().Set(TestServed());
  for (int i = 0; i < 9; ++i) client.Post("/predict", "{");
  Json slo = ParseJson(client.Get("/slo").body).value();
  EXPECT_EQ(slo["error_rate"], 0);
  EXPECT_EQ(slo["overall_healthy"], true);
  service_.models().Set(nullptr);
  client.Post("/predict", R"({"instances":[{}]})");
  slo = ParseJson(client.Get("/slo").body).value();
  EXPECT_EQ(slo["error_rate"], 0.1);
  EXPECT_EQ(slo["error_rate_slo_met"], false);
  EXPECT_EQ(slo["overall_healthy"], false);
  EXPECT_EQ(slo["latency_slo_ms"], 300);
}

TEST_F(ServiceTest, ANewModelIsServedWithTheNextRequest) {
  service_.models().Set(TestServed("v1.0.0"));
  http::TestClient client(server_->port());
  const auto version = [&] {
    return ParseJson(client.Post("/predict", R"({"instances":[{}]})").body).value()["predictions"][0]["model_version"];
  };
  EXPECT_EQ(version(), "v1.0.0");
  service_.models().Set(TestServed("v1.1.0"));
  EXPECT_EQ(version(), "v1.1.0");
}

}  // namespace
}  // namespace vigia::risk
