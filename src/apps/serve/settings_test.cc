#include "serve/settings.h"

#include <gtest/gtest.h>

#include <functional>
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

TEST_F(SettingsTest, APortsOlderNameCountsOnlyWithoutTheOther) {
  EXPECT_EQ(Load({{"PORT", "8002"}, {"API_PORT", "8003"}}).value().port, 8002);
  EXPECT_EQ(Load({{"PORT", " "}, {"API_PORT", "8003"}}).value().port, 8003);
}

TEST_F(SettingsTest, RefusesWhatItDoesNotKnow) {
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "risk:\n  prot: 8001\n").ok());
  EXPECT_FALSE(Load({}).ok());
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "rsik:\n  port: 8001\n").ok());
  EXPECT_EQ(Load({}).error().message().substr(0, 38), "vigia.yaml:1: 'rsik' is not a section;");
}

struct VariableCase {
  const char* name;
  const char* value;
  std::function<bool(const Settings&, const Parts&)> has_effect;
};

std::vector<VariableCase> VariableCases() {
  using S = Settings;
  using P = Parts;
  return {
      {"MODEL_PATH", "artifacts/m.json", [](const S& s, const P&) { return s.model_path == "artifacts/m.json"; }},
      {"METADATA_PATH", "artifacts/d.json", [](const S& s, const P&) { return s.metadata_path == "artifacts/d.json"; }},
      {"SIGNATURE_PATH", "artifacts/s.json",
       [](const S& s, const P&) { return s.signature_path == "artifacts/s.json"; }},
      {"MODEL_VERSION", "v1.1.0", [](const S& s, const P&) { return s.model_version == "v1.1.0"; }},
      {"REGISTRY_DIR", "elsewhere", [](const S& s, const P&) { return s.registry_dir == "elsewhere"; }},
      {"THRESHOLD", "0.05", [](const S&, const P& p) { return p.threshold == 0.05; }},
      {"EXTRA_FEATURE_POLICY", "ignore",
       [](const S&, const P& p) { return p.service.predict.extra_features == risk::ExtraFeatures::kIgnore; }},
      {"PORT", "8002", [](const S&, const P& p) { return p.server.port == 8002; }},
      {"API_PORT", "8002", [](const S&, const P& p) { return p.server.port == 8002; }},
      {"DRIFT_STORE", "off", [](const S& s, const P&) { return s.drift_store == "off"; }},
      {"API_HOST", "127.0.0.2", [](const S&, const P& p) { return p.server.host == "127.0.0.2"; }},
      {"APP_NAME", "risk-api", [](const S& s, const P&) { return s.app_name == "risk-api"; }},
      {"LOG_LEVEL", "debug", [](const S&, const P& p) { return p.log_level == LogLevel::kDebug; }},
      {"API_KEYS", " one, two ", [](const S&, const P& p) { return p.api_keys.size() == 2; }},
      {"RATE_LIMIT_RPM", "120", [](const S&, const P& p) { return p.rate && p.rate->per_minute == 120; }},
      {"BLOCKED_IPS", "10.0.0.1, ::2", [](const S&, const P& p) { return p.blocked_peers.size() == 2; }},
      {"MAX_BODY_BYTES", "1000", [](const S&, const P& p) { return p.server.limits.body_bytes == 1000; }},
      {"REQUEST_TIMEOUT_MS", "1500",
       [](const S&, const P& p) { return p.server.request_timeout == std::chrono::milliseconds(1500); }},
      {"SLO_P95_MS", "200", [](const S&, const P& p) { return p.service.slo.p95_ms == 200; }},
      {"SLO_ERROR_RATE", "0.02", [](const S&, const P& p) { return p.service.slo.error_rate == 0.02; }},
      {"METRICS_ENABLED", "false", [](const S&, const P& p) { return !p.service.metrics_enabled; }},
      {"METRICS_ENABLED", "yes", [](const S&, const P& p) { return !p.service.metrics_enabled; }},  // only "true" is
      {"AUDIT_ENABLED", "false", [](const S&, const P& p) { return !p.audit_enabled; }},
      {"PRIVACY_MODE", "aggregate_only",
       [](const S&, const P& p) { return p.service.stored_detail == inference::ValueDetail::kBins; }},
  };
}

TEST_F(SettingsTest, VariablesOfTheRunbooksHaveTheirEffect) {
  const Settings defaults = Load({}).value();
  for (const VariableCase& test : VariableCases()) {
    const Settings settings = Load({{test.name, test.value}}).value();
    EXPECT_TRUE(test.has_effect(settings, Derive(settings).value())) << test.name;
    EXPECT_FALSE(test.has_effect(defaults, Derive(defaults).value())) << test.name << " has no effect of its own";
  }
}

TEST_F(SettingsTest, VariablesThatMakeNoSenseAreRefusedByName) {
  for (const auto& [name, value] : std::map<std::string, std::string>{{"PORT", "70000"},
                                                                      {"RATE_LIMIT_RPM", "many"},
                                                                      {"MAX_BODY_BYTES", "0"},
                                                                      {"REQUEST_TIMEOUT_MS", "0"},
                                                                      {"SLO_ERROR_RATE", "2"},
                                                                      {"EXTRA_FEATURE_POLICY", "maybe"},
                                                                      {"LOG_LEVEL", "LOUD"},
                                                                      {"BLOCKED_IPS", "localhost"},
                                                                      {"PRIVACY_MODE", "none"},
                                                                      {"DRIFT_STORE", "s3"},
                                                                      {"API_PORT", "-1"}}) {
    const Result<Settings> settings = Load({{name, value}});
    const std::string message = !settings.ok()           ? settings.error().message()
                                : Derive(*settings).ok() ? ""
                                                         : Derive(*settings).error().message();
    EXPECT_NE(message.find(name), std::string::npos) << name << ": " << message;
  }
}

TEST_F(SettingsTest, RefusesAThresholdThatIsNone) {
  for (const char* bad : {"1.5", "-0.1", "abc", "nan"}) {
    EXPECT_FALSE(Derive(Load({{"THRESHOLD", bad}}).value()).ok()) << bad;
  }
}

}  // namespace
}  // namespace vigia::serve
