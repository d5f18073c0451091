#include "config/settings.h"

#include <gtest/gtest.h>

namespace vigia::config {
namespace {

struct Example {
  int64_t port = 8000;
  double ratio = 0.5;
  std::string policy = "reject";
  bool audit = true;
  std::vector<std::string> names;
  Secret token;
  std::vector<Secret> keys;
};

void Describe(Section section, Example& example) {
  section.Integer("port", example.port, {.environment = "PORT", .help = "TCP port", .min = 0, .max = 65535});
  section.Number("ratio", example.ratio, {.environment = "RATIO", .help = "A share", .min = 0, .max = 1});
  section.Text("policy", example.policy, {.environment = "POLICY", .help = "What", .choices = {"reject", "ignore"}});
  section.Flag("audit", example.audit, {.environment = "AUDIT", .help = "Whether"});
  section.List("names", example.names, {.environment = "NAMES", .help = "Names"});
  section.SecretText("token", example.token, {.environment = "TOKEN", .help = "A token"});
  section.SecretList("keys", example.keys, {.environment = "KEYS", .help = "Keys"});
}

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() { Describe(settings_.In("risk"), example_); }

  Status Load(std::string_view yaml, std::map<std::string, std::string> environment = {},
              const std::vector<std::pair<std::string, std::string>>& flags = {}) {
    const YamlNode file = TRY(ParseYaml(yaml, "vigia.yaml"));
    return settings_.Load(
        file, "vigia.yaml",
        [&](const std::string& name) -> std::optional<std::string> {
          const auto found = environment.find(name);
          if (found == environment.end()) return std::nullopt;
          return found->second;
        },
        flags);
  }

  Example example_;
  Settings settings_;
};

TEST_F(SettingsTest, FlagsWinOverEnvironmentOverFileOverDefaults) {
  ASSERT_TRUE(Load("risk:\n  port: 1\n  ratio: 0.25\n  policy: ignore\n", {{"PORT", "2"}, {"RATIO", "0.75"}},
                   {{"risk.port", "3"}})
                  .ok());
  EXPECT_EQ(example_.port, 3);
  EXPECT_EQ(example_.ratio, 0.75);
  EXPECT_EQ(example_.policy, "ignore");
  const auto states = settings_.Describe();
  EXPECT_EQ(states[0].origin_detail, "--port");
  EXPECT_EQ(states[1].origin_detail, "RATIO");
  EXPECT_EQ(states[2].origin_detail, "vigia.yaml:4");
  EXPECT_EQ(states[3].origin, Origin::kDefault);
  EXPECT_EQ(states[0].default_text, "8000");
}

TEST_F(SettingsTest, ListsComeFromYamlOrCommas) {
  ASSERT_TRUE(Load("risk:\n  names: [a, b]\n", {{"KEYS", " k1 , k2 ,"}}).ok());
  EXPECT_EQ(example_.names, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(example_.keys.size(), 2U);
  EXPECT_EQ(example_.keys[1].Reveal(), "k2");
}

TEST_F(SettingsTest, SecretsAreNeverShown) {
  ASSERT_TRUE(Load("risk: {token: hunter2}", {{"KEYS", "hunter3"}}).ok());
  for (const KeyState& state : settings_.Describe()) EXPECT_EQ(state.value_text.find("hunter"), std::string::npos);
  EXPECT_EQ(example_.token.Reveal(), "hunter2");
}

TEST_F(SettingsTest, AnEmptyVariableIsNotSet) {
  ASSERT_TRUE(Load("", {{"PORT", ""}, {"KEYS", ""}}).ok());
  EXPECT_EQ(example_.port, 8000);
}

TEST_F(SettingsTest, BadInputNamesTheKeyAndThePlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"risk:\n  prot: 1\n", "vigia.yaml:2: unknown key 'risk.prot'"},
      {"rsk: {}\n", "vigia.yaml:1: unknown key 'rsk'"},
      {"risk:\n  port: many\n", "vigia.yaml:2: risk.port must be an integer"},
      {"risk:\n  port: 70000\n", "vigia.yaml:2: risk.port must be from 0 to 65535"},
      {"risk:\n  policy: shrug\n", "vigia.yaml:2: risk.policy must be one of reject, ignore"},
      {"risk:\n  audit: maybe\n", "vigia.yaml:2: risk.audit must be true or false"},
      {"risk:\n  port: [1]\n", "vigia.yaml:2: risk.port takes one value, not a list"},
      {"risk: 5\n", "vigia.yaml:1: 'risk' must hold keys"},
      {"- a\n", "vigia.yaml: must hold sections of keys"},
      {"risk:\n  port: 1\n  port: 2\n", "vigia.yaml:3: key 'port' stands twice"},
  };
  for (const auto& [yaml, message] : cases) {
    const Status status = Load(yaml);
    ASSERT_FALSE(status.ok()) << yaml;
    EXPECT_EQ(status.error().message(), message);
  }
  EXPECT_EQ(Load("", {{"PORT", "x"}}).error().message(), "PORT: risk.port must be an integer");
}

TEST(YamlTest, RemembersLinesAndQuotes) {
  const YamlNode node = ParseYaml("a: 1\nb:\n  - \"2\"\n  - true\n", "f").value();
  EXPECT_EQ(node.Find("b")->items[1].line, 4);
  EXPECT_EQ(node.Find("a")->AsInteger(), 1);
  EXPECT_FALSE(node.Find("b")->items[0].AsInteger().has_value());
  EXPECT_EQ(CompactJson(YamlToJson(node)), R"({"a":1,"b":["2",true]})");
}

TEST(YamlTest, RefusesHostileInput) {
  EXPECT_EQ(ParseYaml("a: [1\nb: 2", "f").error().message().rfind("f:", 0), 0U);
  EXPECT_FALSE(ParseYaml("a: !!python/object x", "f").ok());
  EXPECT_FALSE(ParseYaml(std::string(2 << 20, ' '), "f").ok());
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) bomb += "," + before;
    bomb += "]\n";
  }
  EXPECT_FALSE(ParseYaml(bomb, "f").ok());
}

}  // namespace
}  // namespace vigia::config
