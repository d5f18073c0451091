#include "supervisor/load.h"

#include <gtest/gtest.h>

#include "config/yaml.h"

namespace vigia::supervisor {
namespace {

std::vector<std::string> Problems(const std::string& text, std::vector<ServiceSpec>* specs = nullptr) {
  const auto yaml = config::ParseYaml(text, "vigia.yaml");
  EXPECT_TRUE(yaml.ok()) << text;
  std::vector<config::Problem> problems;
  const auto loaded = LoadServices(*yaml->Find("services"), "vigia.yaml", problems);
  if (specs != nullptr) *specs = loaded;
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.ToString());
  return texts;
}

TEST(LoadServicesTest, ReadsEveryKey) {
  std::vector<ServiceSpec> specs;
  const auto problems = Problems(R"(
services:
  - name: risk
    command: [vigia-risk, --port, "{port}"]
    environment: {LOG_LEVEL: DEBUG}
    directory: /srv
    port: 8000
    replicas: 3
    health_url: "http://127.0.0.1:{port}/health"
    ready_url: "http://127.0.0.1:{port}/ready"
    health_every: 2s
    health_timeout: 1s
    unhealthy_after: 4
    start_grace: 20s
    drain: 30s
    backoff_first: 500ms
    backoff_longest: 2m
    budget: 7
    budget_window: 1h
    processors: 2
    memory_megabytes: 512
  - {name: shop, command: [shop], processors: 1}
  - {name: faces, managed_by: docker, unit: faces-api, budget: 0}
  - {name: agents, managed_by: kubernetes, unit: agents, namespace: ml, replicas: 3}
  - {name: web, managed_by: systemd, unit: "web@{replica}", replicas: 2}
)",
                                 &specs);
  EXPECT_TRUE(problems.empty()) << problems[0];
  ASSERT_EQ(specs.size(), 5u);
  EXPECT_EQ(specs[0].processors, 2);
  EXPECT_EQ(specs[0].memory_megabytes, 512);
  EXPECT_EQ(specs[1].first_processor, 6) << "behind those of three replicas";
  specs.erase(specs.begin() + 1);
  EXPECT_EQ(specs[0].command, (std::vector<std::string>{"vigia-risk", "--port", "{port}"}));
  EXPECT_EQ(specs[0].environment[0].second, "DEBUG");
  EXPECT_EQ(specs[0].replicas, 3);
  EXPECT_EQ(specs[0].unhealthy_after, 4);
  EXPECT_EQ(specs[0].backoff_first, std::chrono::milliseconds(500));
  EXPECT_EQ(specs[0].budget, 7);
  EXPECT_EQ(specs[0].budget_window, std::chrono::hours(1));
  EXPECT_EQ(specs[1].managed_by, ManagedBy::kDocker);
  EXPECT_EQ(specs[2].kubernetes_namespace, "ml");
  EXPECT_EQ(specs[2].Watched(), 1);
  EXPECT_EQ(specs[3].Watched(), 2);
  EXPECT_TRUE(Problems("services:\n").empty());
}

TEST(LoadServicesTest, RefusesWithFileAndLine) {
  const std::string start = "services:\n  - ";
  const std::pair<std::string, std::string> cases[] = {
      {start + "{command: [a]}\n", "vigia.yaml:2: service: 'name' is missing"},
      {start + "{name: a/b, command: [a]}\n", "vigia.yaml:2: service 'a/b': 'name' must be letters"},
      {start + "name: a\n    command: [a]\n    comand: [b]\n", "vigia.yaml:4: service 'a': unknown key 'comand'"},
      {start + "{name: a}\n", "'command' must list the program"},
      {start + "{name: a, managed_by: docker}\n", "'unit' must name the unit, container or deployment"},
      {start + "{name: a, managed_by: init, command: [a]}\n",
       "'managed_by' must be one of vigia, systemd, docker, kubernetes"},
      {start + "{name: a, command: [a], replicas: 0}\n", "'replicas' must be from 1 to 64"},
      {start + "{name: a, command: [a], drain: 0}\n", "'drain' must be longer than nothing"},
      {start + "{name: a, command: [a], replicas: 2, health_url: \"http://h/\"}\n",
       "'health_url' must hold {port} or {replica}"},
      {start + "{name: a, managed_by: systemd, unit: a, replicas: 2}\n", "'unit' must hold {replica}"},
      {start + "{name: a, managed_by: docker, unit: --all}\n", "'unit' must be a name"},
      {start + "{name: a, command: [a]}\n  - {name: a, command: [a]}\n", "vigia.yaml:3: service 'a' is defined twice"},
      {start + "{name: a, command: [a], processors: -1}\n", "'processors' must be from 0 to 1024"},
      {start + "{name: a, managed_by: docker, unit: a, memory_megabytes: 5}\n",
       "'memory_megabytes' is for a service that vigia manages; tell it to docker"},
      {"services: {}\n", "vigia.yaml:1: 'services' must be a list"},
  };
  for (const auto& [text, want] : cases) {
    const auto problems = Problems(text);
    ASSERT_EQ(problems.size(), 1u) << text;
    EXPECT_NE(problems[0].find(want), std::string::npos) << problems[0];
  }
}

}  // namespace
}  // namespace vigia::supervisor
