#include "risk/service.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "http/server.h"
#include "http/test_client.h"
#include "risk/test_model.h"

namespace vigia::risk {
namespace {

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() : service_(ServiceSettings{}, clock_, entropy_) {
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
