#include "serve/app.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/temp_folder.h"
#include "http/test_client.h"
#include "risk/test_model.h"

namespace vigia::serve {
namespace {

class AppTest : public testing::Test {
 protected:
  void AddVersion(const std::string& version) {
    const std::string folder = home_.path() + "/models/registry/" + version + "/";
    Json manifest;
    const auto add = [&](const std::string& name, const std::string& bytes) {
      manifest["hashes"][name] = Sha256Hex(bytes);
      ASSERT_TRUE(files_.Write(folder + name, bytes).ok());
    };
    add("model.json", CompactJson(risk::TestModelJson()));
    add("model_metadata.json", CompactJson({{"model_version", version}, {"created_at", "2026-11-20T10:00:00Z"}}));
    ASSERT_TRUE(files_.Write(folder + "manifest.json", CompactJson(manifest)).ok());
  }
  void Promote(const std::string& version) {
    ASSERT_TRUE(
        files_.Write(home_.path() + "/models/registry/champion.json", CompactJson({{"version", version}})).ok());
  }
  void Start(Settings settings = {}) {
    settings.port = 0;
    settings.loops = 1;
    auto started = App::Start(settings, home_.path(), {files_, clock_, entropy_, log_});
    ASSERT_TRUE(started.ok()) << started.error().message();
    app_ = std::move(started).value();
  }
  Json Get(const std::string& path) { return ParseJson(http::TestClient(app_->port()).Get(path).body).value(); }

  TempFolder home_;
  SystemFiles files_;
  SystemClock clock_;
  SystemEntropy entropy_;
  FakeLog log_;
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
  ASSERT_TRUE(files_.Append(home_.path() + "/models/registry/v1.1.0/model.json", " ", Files::Sync::kNo).ok());
  Promote("v1.1.0");
  app_->Poll();
  EXPECT_EQ(Get("/metadata")["model_version"], "v1.0.0");
  EXPECT_NE(log_.Lines().back().find("is not the file that was registered"), std::string::npos);
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
}

}  // namespace
}  // namespace vigia::serve
