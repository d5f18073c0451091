#include "control/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temp_folder.h"

namespace vigia::control {
namespace {

class ConfigurationTest : public testing::Test {
 protected:
  Result<Configuration> Load(std::vector<std::pair<std::string, std::string>> flags = {}) {
    return LoadConfiguration({files_, folder_.path(), environment_, channels_, zones_, clock_.Now()}, flags);
  }
  void Write(const std::string& file, const std::string& text) {
    ASSERT_TRUE(files_.Write(JoinPath(folder_.path(), file), text).ok());
  }

  TempFolder folder_;
  SystemFiles files_;
  SystemClock clock_;
  net::FakeHttpClient http_{[](const auto&) { return net::HttpResponse(); }};
  net::FakeMailClient mail_{[](const auto&) { return Status(); }};
  config::Environment environment_ = [](const std::string&) { return std::nullopt; };
  notify::ChannelWorld channels_{http_, mail_, clock_, files_, environment_};
  calendar::TimeZones zones_{files_};
};

TEST_F(ConfigurationTest, AnEmptyHomeWatchesTheRiskService) {
  const Configuration configuration = Load().value();
  ASSERT_EQ(configuration.services.size(), 1U);
  EXPECT_EQ(configuration.services[0].name, "risk");
  EXPECT_THAT(configuration.signals.names,
              testing::IsSupersetOf({"risk-health", "risk-ready", "risk-metrics", "risk-slo", "machine-disk"}));
  EXPECT_GE(configuration.runbooks.size(), 5U);
  for (const KnownRunbook& known : configuration.runbooks) {
    EXPECT_THAT(known.problems, testing::IsEmpty()) << known.runbook.name << ": " << known.problems.front().ToString();
  }
}

TEST_F(ConfigurationTest, TakesModesAndForeignServices) {
  Write("vigia.yaml",
        "services:\n"
        "  - {name: shop, command: [shop], port: 9000, health_url: \"http://127.0.0.1:{port}/health\"}\n"
        "runbooks: {service-down: {mode: approve}}\n"
        "control: {port: 9100, language: en}\n");
  const Configuration configuration = Load({{"control.port", "0"}}).value();
  EXPECT_EQ(configuration.settings.port, 0);
  EXPECT_EQ(configuration.settings.Language(), incidents::Language::kEnglish);
  EXPECT_THAT(configuration.signals.names, testing::Contains("shop-health"));
  for (const KnownRunbook& known : configuration.runbooks) {
    if (known.runbook.name != "service-down") continue;
    EXPECT_EQ(known.runbook.mode, runbooks::Mode::kApprove);
  }
}

TEST_F(ConfigurationTest, AHomesRunbookWinsAndABadOneIsLeftOut) {
  Write("runbooks/service-down.yaml", "name: service-down\ntitle: Mine\nsurprise: 1\n");
  const Configuration configuration = Load().value();
  for (const KnownRunbook& known : configuration.runbooks) {
    if (known.runbook.name != "service-down") continue;
    EXPECT_EQ(known.from, KnownRunbook::From::kHome);
    ASSERT_FALSE(known.problems.empty());
    EXPECT_EQ(known.problems.front().file, "runbooks/service-down.yaml");
  }
  EXPECT_FALSE(configuration.warnings.empty());
}

TEST_F(ConfigurationTest, TheDefaultPolicyStandsInForBuiltInOnesAlone) {
  Write("oncall.yaml",
        "channels: {ops: {kind: webhook, url: \"http://127.0.0.1:1/\"}}\n"
        "people: {ana: {addresses: {ops: ana}, roles: [oncall]}}\npolicies: {all: {levels: [{notify: [\"person:ana\"], "
        "via: [ops]}]}}\n");
  Write("runbooks/mine.yaml", "name: mine\ntitle: Mine\ntrigger: [{schedule: \"@daily\"}]\nescalate: {policy: sree}\n");
  const Configuration configuration = Load().value();
  for (const KnownRunbook& known : configuration.runbooks) {
    if (known.runbook.name == "mine") {
      ASSERT_EQ(known.problems.size(), 1U);
      EXPECT_EQ(known.problems[0].ToString(),
                "runbooks/mine.yaml:4: runbook 'mine': there is no escalation policy 'sree'");
    } else {
      EXPECT_TRUE(known.problems.empty()) << known.runbook.name << ": " << known.problems[0].ToString();
    }
  }
}

TEST_F(ConfigurationTest, ReadsChecksFromAFolder) {
  Write("checks/shop.yaml", "- {name: queue, when: {signal: queue_length, above: 100}}\n");
  Write("checks/notes.txt", "not a check\n");
  const Configuration configuration = Load().value();
  ASSERT_EQ(configuration.checks.size(), 1U);
  EXPECT_EQ(configuration.checks[0].name, "queue");
  Write("checks/twin.yaml", "- {name: queue, when: {signal: queue_length, above: 200}}\n");
  EXPECT_THAT(Load().error().message(), testing::HasSubstr("check 'queue' is defined twice"));
}

TEST_F(ConfigurationTest, RefusesWithFileAndLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"servces: []\n", "vigia.yaml:1: 'servces' is not a section"},
      {"control: {port: 70000}\n", "control.port"},
      {"control: {interval: soon}\n", "control.interval"},
      {"control: {language: fr}\n", "control.language"},
      {"control: {time_zone: Mars/Olympus}\n", "control.time_zone"},
      {"runbooks: {service-down: {mode: sometimes}}\n", "'mode' must be one of"},
      {"runbooks: {nobody-knows: {mode: auto}}\n", "there is no runbook"},
      {"checks:\n  - {name: x}\n", "vigia.yaml:2:"},
      {"risk: {tls_certificate: a.pem, tls_key: a.key}\n", "risk.tls_certificate: nobody can tell which name"},
      {"- a list\n", "vigia.yaml:1:"},
  };
  for (const auto& [text, message] : cases) {
    Write("vigia.yaml", text);
    const auto loaded = Load();
    ASSERT_FALSE(loaded.ok()) << text;
    EXPECT_THAT(loaded.error().message(), testing::HasSubstr(message));
  }
}

}  // namespace
}  // namespace vigia::control
