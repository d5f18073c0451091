// Plays every scenario of tests/scenarios with the built-in runbooks.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/executor.h"
#include "base/files.h"
#include "calendar/time_zone.h"
#include "config/yaml.h"
#include "controller/scenario.h"
#include "escalation/directory_load.h"
#include "runbooks/load.h"

namespace vigia::controller::scenario {
namespace {

std::vector<std::string> FilesIn(const std::string& folder, const std::string& extension) {
  std::vector<std::string> names;
  const auto listed = SystemFiles().List(folder).value();
  for (const FileInfo& info : listed) {
    if (std::filesystem::path(info.name).extension() == extension) names.push_back(info.name);
  }
  return names;
}

// Expressions compile slowly, once for all scenarios, and run in one thread at a time.
const std::vector<runbooks::Runbook>& BuiltIn() {
  static thread_local const std::vector<runbooks::Runbook> kAll = [] {
    std::vector<runbooks::Runbook> all;
    std::vector<config::Problem> problems;
    const auto catalogue = runbooks::Catalogue::BuiltIn();
    for (const std::string& name : FilesIn(VIGIA_RUNBOOKS, ".yaml")) {
      const std::string text = SystemFiles().Read(JoinPath(VIGIA_RUNBOOKS, name)).value();
      all.push_back(runbooks::LoadRunbook(text, name, catalogue, problems));
    }
    CHECK(problems.empty(), problems.front().ToString());
    return all;
  }();
  return kAll;
}

escalation::Directory People() {
  const SystemFiles files;
  const calendar::TimeZones zones(files);
  std::vector<config::Problem> problems;
  const std::string path = JoinPath(VIGIA_SCENARIOS, "people.yaml");
  const auto node = config::ParseYaml(files.Read(path).value(), "people.yaml").value();
  auto directory = escalation::LoadDirectory(node, "people.yaml", {files, zones, VIGIA_SCENARIOS}, {}, problems);
  for (const config::Problem& problem : problems) ADD_FAILURE() << problem.ToString();
  return directory;
}

TEST(ScenarioTest, EveryScenarioGoesAsItSays) {
  const escalation::Directory people = People();
  std::vector<Scenario> scenarios;
  std::set<std::string> played;
  for (const std::string& name : FilesIn(VIGIA_SCENARIOS, ".scn")) {
    const std::string path = JoinPath(VIGIA_SCENARIOS, name);
    auto scenario = Parse(SystemFiles().Read(path).value(), "tests/scenarios/" + name);
    if (!scenario.ok()) {
      ADD_FAILURE() << scenario.error().message();
      continue;
    }
    EXPECT_FALSE(scenario->wants.empty()) << name;
    played.insert(scenario->runbooks.begin(), scenario->runbooks.end());
    scenarios.push_back(std::move(*scenario));
  }
  std::vector<Outcome> outcomes(scenarios.size());
  ThreadExecutor(2).ParallelFor(scenarios.size(),
                                [&](size_t i) { outcomes[i] = Play(scenarios[i], BuiltIn(), people); });
  for (const Outcome& outcome : outcomes) {
    if (!outcome.mismatch.empty()) ADD_FAILURE() << outcome.mismatch;
    if (!outcome.mismatch.empty() && std::getenv("VIGIA_STORY") != nullptr) {
      for (const Event& event : outcome.events)
        std::cerr << config::FormatDuration(event.at) << "  " << event.text << "\n";
    }
  }
  for (const runbooks::Runbook& runbook : BuiltIn()) {
    EXPECT_EQ(played.count(runbook.name), 1U) << "no scenario plays " << runbook.name;
  }
}

TEST(ScenarioTest, AMismatchNamesFileLineAndWhatThereWas) {
  const auto scenario = Parse(R"(runbook service-down
at 0s set probe_success{kind="health",service="risk"} 0
want 0s..10s alert service_down firing
want 0s..10s page L3 eva
)",
                              "x.scn");
  ASSERT_TRUE(scenario.ok()) << scenario.error().message();
  const std::string mismatch = Play(*scenario, BuiltIn(), People()).mismatch;
  EXPECT_TRUE(mismatch.starts_with("x.scn:4: wanted 'page L3 eva' in 0s..10s; there was")) << mismatch;
}

TEST(ScenarioTest, RefusesWhatItDoesNotUnderstand) {
  struct Case {
    std::string text, wanted;
  };
  for (const Case& bad : {Case{"runbook a\nwaant 3s..4s x\n", "x.scn:2: unknown word 'waant'"},
                          Case{"at soon set x 1\n", "x.scn:1: 'soon' is not a time such as 3s or 1h30m"},
                          Case{"at 3s set x{a=\"b\"} y\n", "x.scn:1: 'y' is not a number"},
                          Case{"at 3s ana sleeps\n", "x.scn:1: 'ana sleeps' is nothing that can happen"},
                          Case{"when vigia: maybe\n", "x.scn:1: 'maybe' must be ok, fail or hang"},
                          Case{"want page\n", "x.scn:1: 'want FROM..TO EVENT' is wanted"}}) {
    const auto scenario = Parse(bad.text, "x.scn");
    ASSERT_FALSE(scenario.ok()) << bad.text;
    EXPECT_EQ(scenario.error().message(), bad.wanted);
  }
}

}  // namespace
}  // namespace vigia::controller::scenario
