#include "signals/load.h"

#include <gtest/gtest.h>

#include "config/yaml.h"

namespace vigia::signals {
namespace {

std::vector<std::string> Problems(const std::string& text, SignalSettings* settings = nullptr) {
  const auto yaml = config::ParseYaml(text, "vigia.yaml");
  EXPECT_TRUE(yaml.ok()) << text;
  std::vector<config::Problem> problems;
  const SignalSettings loaded = LoadSignals(yaml->Find("signals"), "vigia.yaml", problems);
  if (settings != nullptr) *settings = loaded;
  std::vector<std::string> texts;
  for (const auto& problem : problems) texts.push_back(problem.ToString());
  return texts;
}

TEST(LoadSignalsTest, ReadsEveryKind) {
  SignalSettings settings;
  const auto problems = Problems(R"(
signals:
  max_series: 500
  samples_per_series: 64
  forget_after: 5m
  threads: 8
  programs: [vigia, python3]
  sources:
    - {name: m, kind: scrape, url: "http://h:1/metrics", every: 5s, timeout: 1s, honor_timestamps: true, max_samples: 9,
       headers: {X-API-Key: {environment: KEY}, A: b, C: {file: run/c}}, labels: {service: risk}}
    - {name: h, kind: http, url: "https://h/health", method: POST, body: "{}", expect: [200, 204], contains: ok,
       expect_json: '.status == "healthy"', signals: {uptime: .uptime_seconds}, ca_file: ca.pem}
    - {name: t, kind: tcp, host: localhost, port: 5432}
    - {name: d, kind: dns, host: example.org, expect: ["1.2.3.4"]}
    - {name: c, kind: certificate, host: example.org, port: 8443, server_name: other.org}
    - {name: p, kind: process, pid_file: run/risk-0.pid, process: vigia-risk, contains: --home, at_least: 2}
    - {name: s, kind: disk, path: data}
    - {name: r, kind: memory}
    - {name: u, kind: cpu}
    - {name: g, kind: gpu}
    - {name: f, kind: file, path: "data/backups/*.db"}
    - {name: l, kind: log, path: logs/app.log, contains: ['"level": "ERROR"'], pattern: "5[0-9][0-9]"}
    - {name: q, kind: sql, file: state/vigia.db, query: "SELECT count(*) FROM jobs", signal: jobs}
    - {name: j, kind: job, command: [vigia, drift, summary, --json], every: 1h, timeout: 2m, expect: [0, 1],
       expect_json: .ok, signals: {drift_psi: .score.psi}}
)",
                                 &settings);
  EXPECT_TRUE(problems.empty()) << problems[0];
  EXPECT_EQ(settings.names.size(), 14u);
  EXPECT_EQ(settings.sources.size(), 14u);
  EXPECT_EQ(settings.series.max_series, 500u);
  EXPECT_EQ(settings.series.samples_per_series, 64u);
  EXPECT_EQ(settings.series.forget_after, std::chrono::minutes(5));
  EXPECT_EQ(settings.collector.threads, 8u);
  EXPECT_TRUE(Problems("risk: {}\n").empty());
  EXPECT_TRUE(Problems("signals:\n").empty());
}

TEST(LoadSignalsTest, RefusesWithFileAndLine) {
  const std::string start = "signals:\n  sources:\n    - ";
  const std::pair<std::string, std::string> cases[] = {
      {"signals:\n  sourcs: []\n", "vigia.yaml:2: signals: unknown key 'sourcs'"},
      {"signals:\n  max_series: 0\n", "vigia.yaml:2: signals: 'max_series' must be at least 1"},
      {start + "{kind: cpu}\n", "vigia.yaml:3: source: 'name' is missing"},
      {start + "{name: a}\n", "vigia.yaml:3: source 'a': 'kind' is missing"},
      {start + "{name: a, kind: cpu, path: /}\n", "vigia.yaml:3: source 'a': unknown key 'path'"},
      {start + "name: a\n      kind: cpu\n      every: 1ms\n      timeout: 1s\n",
       "vigia.yaml:5: source 'a': 'every' must be at least 100ms"},
      {start + "{name: a, kind: http, url: \"ftp://x\"}\n",
       "vigia.yaml:3: source 'a': 'url' must begin with http:// or https://"},
      {start + "{name: a, kind: tcp, port: 70000}\n", "vigia.yaml:3: source 'a': 'port' must be from 1 to 65535"},
      {start + "{name: a, kind: job, command: [sh, -c, reboot]}\n",
       "vigia.yaml:3: source 'a': 'sh' is not among the allowed programs (signals.programs)"},
      {start + "{name: a, kind: job, command: vigia status}\n", "vigia.yaml:3: source 'a': 'command' must be a list"},
      {start + "{name: a, kind: job, command: [vigia], signals: {x: \"(\"}}\n", "vigia.yaml:3: source 'a': 'x': "},
      {start + "{name: a, kind: job, command: [vigia], signals: {9x: .a}}\n", "'9x' is not a name of a signal"},
      {start + "{name: a, kind: log, path: x}\n", "a log probe needs 'contains'"},
      {start + "{name: a, kind: log, path: x, pattern: \"(\"}\n", "'pattern' is not a regular expression"},
      {start + "{name: a, kind: process}\n", "a process is found by"},
      {start + "{name: a, kind: certificate}\n", "a certificate is found by 'file' or by 'host'"},
      {start + "{name: a, kind: cpu}\n    - {name: a, kind: memory}\n", "source 'a' is defined twice"},
      {start + "{name: a, kind: http, url: \"http://x\", expect: ok}\n", "'expect' must be a status"},
      {start + "{name: a, kind: http, url: \"http://x\", headers: {A: {env: B}}}\n", "header 'A' must be a text"},
      {start + "{name: a, kind: cpu, labels: {a-b: c}}\n", "'a-b' is not a name of a label"},
  };
  for (const auto& [text, want] : cases) {
    const auto problems = Problems(text);
    ASSERT_EQ(problems.size(), 1u) << text << (problems.size() > 1 ? problems[1] : "");
    EXPECT_NE(problems[0].find(want), std::string::npos) << problems[0];
    EXPECT_EQ(problems[0].find("vigia.yaml:"), 0u);
  }
  const auto unknown = Problems(start + "{name: a, kind: telepathy}\n");
  ASSERT_EQ(unknown.size(), 1u);
  EXPECT_NE(unknown[0].find("'kind' must be one of scrape, http, tcp"), std::string::npos);
}

}  // namespace
}  // namespace vigia::signals
