#include "serve/app.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/temp_folder.h"
#include "http/test_client.h"
#include "registry/registry.h"
#include "risk/test_model.h"

namespace vigia::serve {
namespace {

class AppTest : public testing::Test {
 protected:
  void AddVersion(const std::string& version) {
    const std::string folder = home_.path() + "/artifacts/";
    const auto add = [&](const std::string& name, const Json& json) {
      ASSERT_TRUE(files_.Write(folder + name, CompactJson(json)).ok());
    };
    add("model.json", risk::TestModelJson());
    add("model_metadata.json", {{"model_version", version}, {"created_at", "2026-11-20T10:00:00Z"}});
    add("model_signature.json", Json::object());
    add("metrics.json", Json::object());
    add("golden_rows.json",
        ParseJson(R"({"tolerance":1e-6,"rows":[{"year":2023,"raw":[null,null,null,null,null],"score":0.26894142137}]})")
            .value());
    registry::RegisterRequest request;
    request.version = version;
    request.artifacts = folder;
    request.by = "test";
    const auto registered = registry_.Register(request);
    ASSERT_TRUE(registered.ok()) << registered.error().message();
  }
  void Promote(const std::string& version) {
    registry::PromoteRequest request;
    request.version = version;
    request.by = "test";
    ASSERT_TRUE(registry_.Promote(request).ok());
  }
  void Start(Settings settings = {}) {
    settings.port = 0;
    settings.loops = 1;
    app_.reset();
    auto started = App::Start(settings, home_.path(), {files_, clock_, entropy_}, *log_);
    ASSERT_TRUE(started.ok()) << started.error().message();
    app_ = std::move(started).value();
  }
  Json Get(const std::string& path) { return ParseJson(http::TestClient(app_->port()).Get(path).body).value(); }

  std::unique_ptr<LineLog> OpenTestLog() {
    LogSettings settings;
    settings.to_stderr = false;
    settings.file = home_.path() + "/app.log";
    return LineLog::Open(settings, 1, clock_).value();
  }
  std::string Log() {
    app_.reset();
    log_.reset();
    return files_.Read(home_.path() + "/app.log").value();
  }

  TempFolder home_;
  SystemFiles files_;
  SystemClock clock_;
  SystemEntropy entropy_;
  registry::Registry registry_{{home_.path() + "/models/registry"}, files_, clock_};
  std::unique_ptr<LineLog> log_ = OpenTestLog();
  std::unique_ptr<App> app_;
};

TEST_F(AppTest, StartsWithoutAModelAndTakesTheFirstChampion) {
  Start();
  EXPECT_EQ(Get("/health")["status"], "degraded");
  app_->Poll();
  AddVersion("v1.0.0");
  Promote("v1.0.0");
  app_->Poll();
  EXPECT_EQ(Get("/health")["model_version"], "v1.0.0");
  AddVersion("v1.10.0");
  Promote("v1.10.0");
  app_->Poll();
  EXPECT_EQ(Get("/metadata")["model_version"], "v1.10.0");
  app_->DrainAndStop();
}

TEST_F(AppTest, ADamagedVersionDoesNotTakeAGoodOneDown) {
  AddVersion("v1.0.0");
  Promote("v1.0.0");
  Start();
  AddVersion("v1.1.0");
  Promote("v1.1.0");
  ASSERT_TRUE(files_.Append(home_.path() + "/models/registry/v1.1.0/model.json", " ", Files::Sync::kNo).ok());
  app_->Poll();
  EXPECT_EQ(Get("/metadata")["model_version"], "v1.0.0");
  EXPECT_NE(Log().find("the new model cannot be loaded, the old one stays"), std::string::npos);
}

TEST_F(AppTest, ARefusedVersionShowsInHealthMetricsAndAuditUntilItIsGone) {
  AddVersion("v1.0.0");
  AddVersion("v1.1.0");
  Promote("v1.0.0");
  Start();
  EXPECT_TRUE(Get("/health")["model_load_error"].is_null());
  Promote("v1.1.0");
  const std::string path = home_.path() + "/models/registry/v1.1.0/model.json";
  const std::string good = files_.Read(path).value();
  ASSERT_TRUE(files_.Write(path, good + " ").ok());
  for (int i = 0; i < 3; ++i) app_->Poll();
  const Json health = Get("/health");
  EXPECT_EQ(health["status"], "healthy");
  EXPECT_EQ(health["model_version"], "v1.0.0");
  EXPECT_NE(health["model_load_error"].get<std::string>().find("v1.1.0"), std::string::npos);
  EXPECT_EQ(health["model_load_error"].get<std::string>().find(home_.path()), std::string::npos);
  std::string metrics = http::TestClient(app_->port()).Get("/metrics?format=prometheus").body;
  EXPECT_NE(metrics.find("model_load_failed 1\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("model_loads_total{result=\"refused\"} 1\n"), std::string::npos) << metrics;
  const std::string audit = files_.Read(home_.path() + "/logs/audit.log").value();
  EXPECT_NE(audit.find("\"model_refused\""), std::string::npos);

  registry::RollbackRequest back;
  back.by = "test";
  ASSERT_TRUE(registry_.Rollback(back).ok());
  app_->Poll();
  EXPECT_TRUE(Get("/health")["model_load_error"].is_null());
  metrics = http::TestClient(app_->port()).Get("/metrics?format=prometheus").body;
  EXPECT_NE(metrics.find("model_load_failed 0\n"), std::string::npos) << metrics;
  EXPECT_TRUE(audit::Verify(files_, home_.path() + "/logs/audit.log").value().intact);
}

TEST_F(AppTest, AFileRepairedInPlaceIsTakenAfterAWhile) {
  AddVersion("v1.0.0");
  Promote("v1.0.0");
  const std::string path = home_.path() + "/models/registry/v1.0.0/model.json";
  const std::string good = files_.Read(path).value();
  ASSERT_TRUE(files_.Write(path, "{}").ok());
  FakeClock clock(WallTime(std::chrono::hours(24 * 365 * 50)));
  Settings settings;
  settings.port = 0;
  settings.loops = 1;
  app_ = App::Start(settings, home_.path(), {files_, clock, entropy_}, *log_).value();
  EXPECT_EQ(Get("/health")["model_loaded"], false);
  ASSERT_TRUE(files_.Write(path, good).ok());
  app_->Poll();
  EXPECT_EQ(Get("/health")["model_loaded"], false);
  clock.Advance(std::chrono::seconds(2));
  app_->Poll();
  EXPECT_EQ(Get("/health")["model_version"], "v1.0.0");
  app_.reset();  // before the clock that it reads
}

TEST_F(AppTest, ACanaryAnswersItsStableShareUntilItEnds) {
  AddVersion("v1.0.0");
  AddVersion("v1.1.0");
  Promote("v1.0.0");
  Start();
  const auto answered_by = [&](int request) {
    http::TestClient client(app_->port());
    const auto answer =
        client.Post("/predict", R"({"instances":[{}]})", "X-Request-ID: request-" + std::to_string(request) + "\r\n");
    return ParseJson(answer.body).value()["predictions"][0]["model_version"].get<std::string>();
  };
  const auto share = [&] {
    int canary = 0;
    for (int i = 0; i < 400; ++i) canary += answered_by(i) == "v1.1.0" ? 1 : 0;
    return canary;
  };
  EXPECT_EQ(share(), 0);
  ASSERT_TRUE(registry_.StartTrial(registry::TrialKind::kCanary, {"v1.1.0", 20, "", "test"}).ok());
  app_->Poll();
  const int first = share();
  EXPECT_GT(first, 50);
  EXPECT_LT(first, 110);
  EXPECT_EQ(share(), first);  // the same requests, the same model
  const std::string metrics = http::TestClient(app_->port()).Get("/metrics?format=prometheus").body;
  EXPECT_NE(metrics.find("model_predictions_total{version=\"v1.1.0\"} " + std::to_string(2 * first) + "\n"),
            std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find("model_canary_share{version=\"v1.1.0\"} 0.2\n"), std::string::npos) << metrics;
  EXPECT_EQ(Get("/health")["model_version"], "v1.0.0");

  ASSERT_TRUE(registry_.EndTrial(registry::TrialKind::kCanary, "test").ok());
  app_->Poll();
  EXPECT_EQ(share(), 0);
  ASSERT_TRUE(registry_.StartTrial(registry::TrialKind::kCanary, {"v1.1.0", 100, "", "test"}).ok());
  app_->Poll();
  EXPECT_EQ(answered_by(1), "v1.1.0");
  Promote("v1.1.0");
  app_->Poll();
  registry::RollbackRequest back;
  back.by = "test";
  ASSERT_TRUE(registry_.Rollback(back).ok());
  app_->Poll();
  EXPECT_EQ(answered_by(1), "v1.0.0");  // a promotion had ended the canary
}

TEST_F(AppTest, ACanaryThatDoesNotLoadIsLeftOut) {
  AddVersion("v1.0.0");
  AddVersion("v1.1.0");
  Promote("v1.0.0");
  Start();
  ASSERT_TRUE(registry_.StartTrial(registry::TrialKind::kCanary, {"v1.1.0", 100, "", "test"}).ok());
  ASSERT_TRUE(files_.Write(home_.path() + "/models/registry/v1.1.0/model.json", "{}").ok());
  app_->Poll();
  http::TestClient client(app_->port());
  const auto answer = client.Post("/predict", R"({"instances":[{}]})");
  EXPECT_NE(answer.body.find("\"v1.0.0\""), std::string::npos) << answer.body;
  const Json health = Get("/health");
  EXPECT_EQ(health["status"], "healthy");
  EXPECT_EQ(health["canary"]["version"], "v1.1.0");
  EXPECT_NE(health["trial_error"].get<std::string>().find("v1.1.0"), std::string::npos) << health;
  const std::string metrics = http::TestClient(app_->port()).Get("/metrics?format=prometheus").body;
  EXPECT_NE(metrics.find("model_trial_failed 1\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("model_trial_refused_total 1\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("model_canary_share{version=\"v1.1.0\"} 0\n"), std::string::npos) << metrics;
  EXPECT_NE(Log().find("the canary cannot be loaded"), std::string::npos);
}

TEST_F(AppTest, ACanaryRepairedInPlaceTakesPartAfterAWhile) {
  AddVersion("v1.0.0");
  AddVersion("v1.1.0");
  Promote("v1.0.0");
  FakeClock clock(WallTime(std::chrono::hours(24 * 365 * 50)));
  Settings settings;
  settings.port = 0;
  settings.loops = 1;
  app_ = App::Start(settings, home_.path(), {files_, clock, entropy_}, *log_).value();
  ASSERT_TRUE(registry_.StartTrial(registry::TrialKind::kCanary, {"v1.1.0", 100, "", "test"}).ok());
  const std::string path = home_.path() + "/models/registry/v1.1.0/model.json";
  const std::string model = files_.Read(path).value();
  ASSERT_TRUE(files_.Write(path, "{}").ok());
  app_->Poll();
  ASSERT_TRUE(files_.Write(path, model).ok());
  app_->Poll();
  EXPECT_NE(Get("/health")["trial_error"], nullptr);  // not looked at again yet
  clock.Advance(std::chrono::seconds(2));
  app_->Poll();
  EXPECT_EQ(Get("/health")["trial_error"], nullptr);
  EXPECT_NE(http::TestClient(app_->port()).Post("/predict", R"({"instances":[{}]})").body.find("\"v1.1.0\""),
            std::string::npos);
  app_.reset();  // before the clock that it reads
}

TEST_F(AppTest, ACanaryAnswersInEveryProtocol) {
  AddVersion("v1.0.0");
  AddVersion("v1.1.0");
  Promote("v1.0.0");
  Start();
  ASSERT_TRUE(registry_.StartTrial(registry::TrialKind::kCanary, {"v1.1.0", 100, "", "test"}).ok());
  app_->Poll();
  const auto infer = [&](const std::string& path) {
    const auto answer = http::TestClient(app_->port())
                            .Post(path, R"({"inputs":[{"name":"fase","shape":[1],"datatype":"FP64","data":[3]}]})");
    const Json body = ParseJson(answer.body).value();
    return body.contains("model_version") ? body["model_version"].get<std::string>() : answer.body;
  };
  EXPECT_EQ(infer("/v2/models/risk/infer"), "v1.1.0");
  EXPECT_EQ(infer("/v2/models/risk/versions/v1.0.0/infer"), "v1.0.0");
  EXPECT_EQ(infer("/v2/models/risk/versions/v1.1.0/infer"), "v1.1.0");
  EXPECT_EQ(Get("/v2/models/risk/versions/v1.1.0/ready")["version"], "v1.1.0");
  http::TestClient client(app_->port());
  EXPECT_EQ(client.Post("/invocations", R"({"dataframe_records":[{"fase":3}]})").status, 200);
  const Json counted = Get("/metrics")["by_version"];
  EXPECT_EQ(counted["v1.1.0"]["predictions"], 3) << counted;
  EXPECT_EQ(counted["v1.0.0"]["requests"], 1) << counted;
}

TEST_F(AppTest, TheEnvironmentsThresholdIsInForce) {
  AddVersion("v1.0.0");
  Promote("v1.0.0");
  Settings settings;
  settings.threshold = "0.05";
  Start(settings);
  EXPECT_EQ(Get("/metadata")["threshold"], 0.05);
  EXPECT_EQ(Get("/metadata")["threshold_source"], "environment");
}

TEST_F(AppTest, AccessChangesWithoutARestart) {
  AddVersion("v1.0.0");
  Promote("v1.0.0");
  Start();
  const auto post = [&](const std::string& key) {
    http::TestClient client(app_->port());
    return client.Post("/predict", R"({"instances":[{}]})", "X-API-Key: " + key + "\r\n").status;
  };
  EXPECT_EQ(post("none"), 200);
  std::vector<auth::ApiKey> keys;
  const auth::NewKey made = auth::CreateKey(keys, {"portal", 2}, clock_.Now(), entropy_).value();
  ASSERT_TRUE(auth::WriteKeys(files_, home_.path() + "/state/api_keys.json", keys).ok());
  app_->Poll();
  EXPECT_EQ(post("none"), 401);
  EXPECT_EQ(post(made.secret.Reveal()), 200);
  EXPECT_EQ(post(made.secret.Reveal()), 200);
  EXPECT_EQ(post(made.secret.Reveal()), 429);
  ASSERT_TRUE(files_.Write(home_.path() + "/state/api_keys.json", "{").ok());
  app_->Poll();  // a damaged file changes nothing
  EXPECT_EQ(post("none"), 401);
  ASSERT_TRUE(
      files_.Write(home_.path() + "/state/access.json", R"({"blocked":[{"address":"127.0.0.1","until":null}]})").ok());
  ASSERT_TRUE(auth::WriteKeys(files_, home_.path() + "/state/api_keys.json", keys).ok());
  app_->Poll();
  EXPECT_EQ(post(made.secret.Reveal()), 403);
}

TEST_F(AppTest, ALiveThresholdWinsUntilItEnds) {
  AddVersion("v1.0.0");
  Promote("v1.0.0");
  Settings settings;
  settings.threshold = "0.05";
  Start(settings);
  ASSERT_TRUE(
      files_.Write(home_.path() + "/state/threshold.json", risk::FormatLiveThreshold({0.2, std::nullopt})).ok());
  app_->Poll();
  EXPECT_EQ(Get("/metadata")["threshold"], 0.2);
  EXPECT_EQ(Get("/metadata")["threshold_source"], "live");
  ASSERT_TRUE(files_.Write(home_.path() + "/state/threshold.json", risk::FormatLiveThreshold({0.2, WallTime{}})).ok());
  app_->Poll();
  EXPECT_EQ(Get("/metadata")["threshold_source"], "environment");
}

TEST_F(AppTest, WhatWasAnsweredIsStored) {
  AddVersion("v1.0.0");
  Promote("v1.0.0");
  Start();
  {
    http::TestClient client(app_->port());
    for (int i = 0; i < 50; ++i) ASSERT_EQ(client.Post("/predict", R"({"instances":[{},{"iaa":3}]})").status, 200);
    ASSERT_EQ(client.Post("/predict", "{").status, 422);
  }
  const std::string text = http::TestClient(app_->port()).Get("/metrics?format=prometheus").body;
  EXPECT_NE(text.find("inference_records_lost_total{cause=\"disk_full\"} 0\n"), std::string::npos) << text;
}

TEST_F(AppTest, ADamagedKeyFileDoesNotOpenTheDoors) {
  ASSERT_TRUE(files_.Write(home_.path() + "/state/api_keys.json", "{").ok());
  Settings settings;
  settings.port = 0;
  EXPECT_FALSE(App::Start(settings, home_.path(), {files_, clock_, entropy_}, *log_).ok());
}

TEST_F(AppTest, StartAndStopAreAudited) {
  AddVersion("v1.0.0");
  Promote("v1.0.0");
  Settings settings;
  settings.audit_enabled = "false";
  Start(settings);
  app_->DrainAndStop();
  const std::string path = home_.path() + "/logs/audit.log";
  EXPECT_FALSE(files_.Exists(path));
  Start();
  app_->Poll();
  app_->DrainAndStop();
  const std::string audit = files_.Read(path).value();
  size_t from = 0;
  for (const char* action : {"\"model_load\"", "\"service_start\"", "\"service_stop\""}) {
    from = audit.find(action, from);
    EXPECT_NE(from, std::string::npos) << action;
  }
  EXPECT_NE(audit.find("\"vigia-risk\""), std::string::npos);
  EXPECT_TRUE(audit::Verify(files_, path).value().intact);
}

TEST_F(AppTest, ASignatureOfAnotherModelIsRefused) {
  AddVersion("v1.0.0");
  Settings settings;
  settings.model_path = "artifacts/model.json";
  settings.signature_path = "artifacts/signature_v0.json";
  Json schema = Json::object();
  const Json model = risk::TestModelJson();
  for (const auto& raw : model["features"]["raw"]) schema[raw["name"].get<std::string>()] = {};
  const auto loaded_with = [&](const Json& signature) {
    EXPECT_TRUE(files_.Write(home_.path() + "/artifacts/signature_v0.json", CompactJson(signature)).ok());
    Start(settings);
    return Get("/health")["model_loaded"].get<bool>();
  };
  EXPECT_TRUE(loaded_with({{"input_schema", schema}}));
  schema["another"] = {};
  EXPECT_FALSE(loaded_with({{"input_schema", schema}}));
  EXPECT_FALSE(loaded_with(Json::array()));
}

TEST_F(AppTest, ServesANamedVersionOrAFile) {
  AddVersion("v1.0.0");
  AddVersion("v1.1.0");
  Promote("v1.0.0");
  Settings settings;
  settings.model_version = "v1.1.0";
  Start(settings);
  EXPECT_EQ(Get("/metadata")["model_version"], "v1.1.0");
  settings.model_version = "../../etc";
  Start(settings);
  EXPECT_EQ(Get("/health")["model_loaded"], false);
  settings.model_path = "models/registry/v1.0.0/model.json";
  Start(settings);
  EXPECT_EQ(Get("/metadata")["model_version"], "v1.0.0");
  EXPECT_EQ(Get("/metadata")["loaded_from"], "files");
  // The golden rows count for files as well.
  ASSERT_TRUE(files_
                  .Write(home_.path() + "/models/registry/v1.0.0/golden_rows.json",
                         R"({"tolerance":1e-6,"rows":[{"year":2023,"raw":[1,null,null,null,null],"score":0.9}]})")
                  .ok());
  Start(settings);
  EXPECT_EQ(Get("/health")["model_loaded"], false);
}

}  // namespace
}  // namespace vigia::serve
