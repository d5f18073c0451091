#include "cli/config_command.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "base/mem_files.h"
#include "cli/app.h"

namespace vigia::cli {
namespace {

class ConfigCommandTest : public testing::Test {
 protected:
  int RunWith(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    arguments.insert(arguments.begin(), {"--home", "home"});
    const World world{files_,
                      clock_,
                      entropy_,
                      executor_,
                      progress_,
                      [this](const std::string& name) -> std::optional<std::string> {
                        const auto found = environment_.find(name);
                        if (found == environment_.end()) return std::nullopt;
                        return found->second;
                      },
                      out_,
                      err_,
                      false};
    return cli::Run(std::move(arguments), world);
  }

  // The entry of a key in `config show --json`.
  Json Entry(const std::string& key) {
    EXPECT_EQ(RunWith({"config", "show", "--json"}), 0) << err_.str();
    const Json list = ParseJson(out_.str()).value();
    for (const Json& entry : list) {
      if (entry["key"] == key) return entry;
    }
    return nullptr;
  }

  std::map<std::string, std::string> environment_;
  FakeClock clock_{WallTime{}};
  MemFiles files_{clock_};
  FakeEntropy entropy_{1};
  InlineExecutor executor_;
  NoProgress progress_;
  std::ostringstream out_, err_;
};

TEST_F(ConfigCommandTest, EachValueNamesItsOrigin) {
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "risk:\n  port: 9001\n  slo_p95_ms: 200\n").ok());
  environment_ = {{"PORT", "9002"}, {"THRESHOLD", "0.05"}};
  EXPECT_EQ(Entry("risk.port")["value"], "9002");
  EXPECT_EQ(Entry("risk.port")["origin_detail"], "PORT");
  EXPECT_EQ(Entry("risk.slo_p95_ms")["origin_detail"], "vigia.yaml:3");
  EXPECT_EQ(Entry("risk.threshold")["value"], "0.05");
  EXPECT_EQ(Entry("risk.max_connections")["origin"], "default");
}

TEST_F(ConfigCommandTest, AnEnvFileCountsBehindTheEnvironment) {
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "risk:\n  threshold: 0.3\n  port: 9001\n").ok());
  ASSERT_TRUE(files_.Write("home/.env", "# as the runbooks say\nexport THRESHOLD=0.05\nPORT=9002\n").ok());
  environment_ = {{"PORT", "9003"}};
  EXPECT_EQ(Entry("risk.threshold")["value"], "0.05");
  EXPECT_EQ(Entry("risk.threshold")["origin"], "environment");
  EXPECT_EQ(Entry("risk.threshold")["origin_detail"], ".env:2");
  EXPECT_EQ(Entry("risk.port")["value"], "9003");
  ASSERT_TRUE(files_.Write("home/.env", "PORT 9002\n").ok());
  EXPECT_EQ(RunWith({"config", "show"}), 1);
  EXPECT_EQ(err_.str(), "vigia: .env:1: must be NAME=value\n");
}

TEST_F(ConfigCommandTest, EveryProgramsSettingsAreShown) {
  ASSERT_TRUE(files_
                  .Write("home/vigia.yaml",
                         "control:\n  language: en\nretention: {days: 200}\nchecks:\n  - {name: queue, for: 1m}\n")
                  .ok());
  environment_ = {{"VIGIA_CONTROL_PORT", "8901"}};
  EXPECT_EQ(Entry("control.port")["origin_detail"], "VIGIA_CONTROL_PORT");
  EXPECT_EQ(Entry("control.language")["origin_detail"], "vigia.yaml:2");
  EXPECT_EQ(Entry("retention.days")["value"], "200");
  EXPECT_EQ(Entry("checks[0].for")["origin_detail"], "vigia.yaml:5");
  EXPECT_EQ(Entry("services")["origin"], "default");
  environment_["RETENTION_DAYS"] = "90";
  EXPECT_EQ(Entry("retention.days")["value"], "90");
  EXPECT_EQ(Entry("retention.days")["origin_detail"], "RETENTION_DAYS");
}

TEST_F(ConfigCommandTest, EveryVariableOfTheRunbooksHasAKey) {
  ASSERT_EQ(RunWith({"config", "show", "--json"}), 0) << err_.str();
  std::set<std::string> variables;
  for (const Json& entry : ParseJson(out_.str()).value()) {
    for (const char* name : {"environment", "older_environment"}) variables.insert(entry[name].get<std::string>());
  }
  for (const char* name : {"MODEL_PATH",
                           "METADATA_PATH",
                           "SIGNATURE_PATH",
                           "MODEL_VERSION",
                           "REGISTRY_DIR",
                           "THRESHOLD",
                           "EXTRA_FEATURE_POLICY",
                           "PORT",
                           "APP_NAME",
                           "LOG_LEVEL",
                           "API_KEYS",
                           "RATE_LIMIT_RPM",
                           "MAX_BODY_BYTES",
                           "REQUEST_TIMEOUT_MS",
                           "SLO_P95_MS",
                           "SLO_ERROR_RATE",
                           "METRICS_ENABLED",
                           "AUDIT_ENABLED",
                           "RETENTION_DAYS",
                           "PRIVACY_MODE",
                           "DRIFT_STORE",
                           "API_HOST",
                           "API_PORT"}) {
    EXPECT_EQ(variables.count(name), 1U) << name;
  }
}

TEST_F(ConfigCommandTest, SecretsStayHidden) {
  environment_ = {{"API_KEYS", "hunter2,hunter3"}};
  EXPECT_EQ(Entry("risk.api_keys")["value"], "2 secrets");
  EXPECT_EQ(RunWith({"config", "show"}), 0);
  EXPECT_EQ(out_.str().find("hunter"), std::string::npos);
}

TEST_F(ConfigCommandTest, WhatTheServiceWouldRefuseIsRefused) {
  environment_ = {{"THRESHOLD", "2"}};
  EXPECT_EQ(RunWith({"config", "show"}), 1);
  EXPECT_NE(err_.str().find("THRESHOLD"), std::string::npos);
  environment_.clear();
  ASSERT_TRUE(files_.Write("home/vigia.yaml", "risk:\n  prot: 1\n").ok());
  EXPECT_EQ(RunWith({"config", "show"}), 1);
  EXPECT_NE(err_.str().find("vigia.yaml:2: unknown key 'risk.prot'"), std::string::npos);
}

}  // namespace
}  // namespace vigia::cli
