#include "serve/settings.h"

#include <gtest/gtest.h>

#include <map>

#include "base/mem_files.h"

namespace vigia::serve {
namespace {

class SettingsTest : public testing::Test {
 protected:
  Result<Settings> Load(const std::map<std::string, std::string>& environment,
                        const std::vector<std::pair<std::string, std::string>>& flags = {}) {
    return LoadSettings(
        files_, "home",
        [&](const std::string& name) -> std::optional<std::string> {
          const auto found = environment.find(name);
          if (found == environment.end()) return std::nullopt;
          return found->second;
        },
        flags);
  }

  FakeClock clock_{WallTime{}};
  MemFiles files_{clock_};
};

TEST_F(SettingsTest, FlagsWinOverTheEnvironmentAndThatOverTheFile) {
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "control:\n  port: 1\nrisk:\n  port: 8001\n  loops: 3\n").ok());
  EXPECT_EQ(Load({}).value().port, 8001);
  EXPECT_EQ(Load({{"PORT", "8002"}}).value().port, 8002);
  const Settings settings = Load({{"PORT", "8002"}}, {{"risk.port", "8003"}}).value();
  EXPECT_EQ(settings.port, 8003);
  EXPECT_EQ(settings.loops, 3);
  EXPECT_EQ(Load({{"PORT", ""}}).value().port, 8001);
}

TEST_F(SettingsTest, RefusesWhatItDoesNotKnow) {
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "risk:\n  prot: 8001\n").ok());
  EXPECT_FALSE(Load({}).ok());
}

TEST_F(SettingsTest, VariablesOfTheRunbooksHaveTheirEffect) {
  const Settings settings = Load({{"THRESHOLD", "0.05"},
                                  {"MAX_BODY_BYTES", "1000"},
                                  {"REQUEST_TIMEOUT_MS", "1500"},
                                  {"EXTRA_FEATURE_POLICY", "ignore"},
                                  {"LOG_LEVEL", "debug"},
                                  {"MODEL_VERSION", "v1.1.0"}})
                                .value();
  const Parts parts = Derive(settings).value();
  EXPECT_EQ(parts.threshold, 0.05);
  EXPECT_EQ(parts.server.limits.body_bytes, 1000U);
  EXPECT_EQ(parts.server.request_timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(parts.service.predict.extra_features, risk::ExtraFeatures::kIgnore);
  EXPECT_EQ(parts.log_level, LogLevel::kDebug);
  EXPECT_EQ(settings.model_version, "v1.1.0");
}

TEST_F(SettingsTest, RefusesAThresholdThatIsNone) {
  for (const char* bad : {"1.5", "-0.1", "abc", "nan"}) {
    EXPECT_FALSE(Derive(Load({{"THRESHOLD", bad}}).value()).ok()) << bad;
  }
}

}  // namespace
}  // namespace vigia::serve
