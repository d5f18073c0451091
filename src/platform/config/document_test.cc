#include "config/document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "config/file.h"

namespace vigia::config {
namespace {

std::map<std::string, KeyState> Explain(const std::string& text) {
  std::map<std::string, KeyState> states;
  for (KeyState& state : ExplainDocuments(ParseYaml(text, kFileName).value())) states[state.name] = state;
  return states;
}

TEST(ExplainDocumentsTest, EachValueHasItsPlace) {
  auto states = Explain(
      "risk: {port: 1}\nchecks:\n  - name: queue\n    for: 1m\n    when: {above: 100, labels: [a, b]}\nrunbooks:\n"
      "  service-down: {mode: approve}\n");
  EXPECT_EQ(states["checks[0].for"].value_text, "1m");
  EXPECT_EQ(states["checks[0].for"].origin_detail, "vigia.yaml:4");
  EXPECT_EQ(states["checks[0].when.labels[1]"].value_text, "b");
  EXPECT_EQ(states["runbooks.service-down.mode"].value_text, "approve");
  EXPECT_EQ(states["runbooks.service-down.mode"].origin, Origin::kFile);
  EXPECT_EQ(states.count("risk.port"), 0U) << "keys that are described have their own entries";
}

TEST(ExplainDocumentsTest, EverySectionIsThere) {
  for (const std::string text : {"", "checks: []\nservices:\n"}) {
    const auto states = Explain(text);
    for (const DocumentSection& section : DocumentSections()) {
      const auto found = states.find(std::string(section.name));
      ASSERT_NE(found, states.end()) << section.name;
      EXPECT_EQ(found->second.origin, Origin::kDefault);
      EXPECT_FALSE(found->second.options.help.empty());
    }
  }
}

TEST(ExplainDocumentsTest, SecretsStayHidden) {
  auto states = Explain(
      "signals:\n  sources:\n    - {url: \"http://ana:hunter2@host/a@b\", headers: {Accept: hunter3}, password: "
      "hunter4}\n"
      "services:\n  - {environment: {DB: {host: hunter5}}, command: [run, --token=hunter6, joana@example.org]}\n");
  EXPECT_EQ(states["signals.sources[0].url"].value_text, "http://***@host/a@b");
  EXPECT_EQ(states["services[0].environment.DB.host"].value_text, "***");
  EXPECT_EQ(states["services[0].command[0]"].value_text, "run");
  for (const auto& [name, state] : states) {
    EXPECT_EQ(state.value_text.find("hunter"), std::string::npos) << name;
    EXPECT_EQ(state.value_text.find("joana"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace vigia::config
