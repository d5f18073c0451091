#include "control/default_sources.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "control/default_jobs.h"

namespace vigia::control {
namespace {

std::string Quoted(const std::string& text) {
  std::string quoted;
  AppendJsonString(quoted, text);  // a JSON string is a YAML scalar
  return quoted;
}

std::string ProbeName(const std::string& service, int replica, bool alone, const char* kind) {
  return service + (alone ? "" : fmt::format("-{}", replica)) + "-" + kind;
}

std::string Probe(const std::string& service, int replica, bool alone, const char* kind, const std::string& url) {
  const std::string name = ProbeName(service, replica, alone, kind);
  const std::string label = alone ? "" : fmt::format(", replica: \"{}\"", replica);
  return fmt::format(
      "    - {{name: {}, kind: http, url: {}, every: 1s, timeout: 1s, labels: {{service: {}, kind: {}{}}}}}\n", name,
      Quoted(url), service, kind, label);
}

void AddService(const supervisor::ServiceSpec& spec, std::string& yaml) {
  const bool alone = spec.Watched() == 1;
  for (int replica = 0; replica < spec.Watched(); ++replica) {
    const std::string health = spec.Expand(spec.health_url, replica), ready = spec.Expand(spec.ready_url, replica);
    if (!health.empty()) yaml += Probe(spec.name, replica, alone, "health", health);
    if (!ready.empty()) yaml += Probe(spec.name, replica, alone, "ready", ready);
    const bool risk = spec.name == "risk" && health.ends_with("/health");
    if (!risk) continue;
    const std::string base = health.substr(0, health.size() - 7), suffix = alone ? "" : fmt::format("-{}", replica);
    const std::string label = alone ? "" : fmt::format(", replica: \"{}\"", replica);
    yaml += fmt::format(
        "    - {{name: risk{0}-metrics, kind: scrape, url: {1}, every: 5s, timeout: 4s, labels: {{service: "
        "risk{2}}}}}\n",
        suffix, Quoted(base + "/metrics?format=prometheus"), label);
    yaml += fmt::format(
        "    - {{name: risk{0}-slo, kind: http, url: {1}, every: 1s, timeout: 1s, labels: {{service: risk, kind: "
        "slo{2}}}, "
        "signals: {{latency_p95_ms: .latency_p95_ms, error_rate: .error_rate, slo_latency_ms: .latency_slo_ms, "
        "slo_error_rate: .error_rate_slo}}}}\n",
        suffix, Quoted(base + "/slo"), label);
  }
}

constexpr std::string_view kMachine = R"yaml(
    - {name: machine-disk, kind: disk, path: ".", every: 5s}
    - {name: machine-memory, kind: memory, every: 5s}
    - {name: machine-cpu, kind: cpu, every: 5s}
    - {name: machine-gpu, kind: gpu, every: 5s}
)yaml";

}  // namespace

std::vector<std::string> ServiceProbes(const supervisor::ServiceSpec& spec) {
  std::vector<std::string> names;
  for (int replica = 0; replica < spec.Watched(); ++replica) {
    for (const char* kind : {"health", "ready"}) {
      names.push_back(ProbeName(spec.name, replica, spec.Watched() == 1, kind));
    }
  }
  return names;
}

void AddDefaultSources(const std::vector<supervisor::ServiceSpec>& services, signals::SignalSettings& settings) {
  std::string yaml = "sources:\n";
  for (const supervisor::ServiceSpec& spec : services) AddService(spec, yaml);
  yaml += kMachine;
  const bool risk = std::any_of(services.begin(), services.end(), [](const auto& spec) { return spec.name == "risk"; });
  if (risk) yaml += DefaultJobs();
  const auto node = config::ParseYaml(yaml, "the default sources");
  CHECK(node.ok(), "the default sources are no YAML");
  std::vector<config::Problem> problems;
  signals::SignalSettings defaults = signals::LoadSignals(&*node, "the default sources", problems);
  CHECK(problems.empty(), problems.empty() ? "" : problems.front().ToString());
  for (size_t i = 0; i < defaults.names.size(); ++i) {
    const auto& names = settings.names;
    if (std::find(names.begin(), names.end(), defaults.names[i]) != names.end()) continue;
    settings.names.push_back(defaults.names[i]);
    settings.sources.push_back(defaults.sources[i]);
  }
}

}  // namespace vigia::control
