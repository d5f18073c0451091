#include "drill/home.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "control/builtin_runbooks.h"
#include "control/default_jobs.h"
#include "drill/quick.h"

namespace vigia::drill {
namespace {

// The default sources, called twice a second.
const std::map<std::string, std::string>& Probes() {
  static const std::map<std::string, std::string> kProbes = {
      {"risk-metrics",
       R"({{name: risk-metrics, kind: scrape, url: "http://127.0.0.1:{port}/metrics?format=prometheus", every: 500ms, timeout: 3s, labels: {{service: risk}}}})"},
      {"risk-slo",
       R"({{name: risk-slo, kind: http, url: "http://127.0.0.1:{port}/slo", every: 500ms, timeout: 3s, labels: {{service: risk, kind: slo}}, signals: {{latency_p95_ms: .latency_p95_ms}}}})"},
      {"machine-disk", R"({{name: machine-disk, kind: disk, path: ".", every: 500ms}})"},
      {"machine-gpu", R"({{name: machine-gpu, kind: gpu, every: 500ms, timeout: 3s}})"},
      // What else goes on on this machine is no part of the drill.
      {"no-machine-cpu", R"({{name: machine-cpu, kind: cpu, every: 1d}})"},
      {"no-machine-memory", R"({{name: machine-memory, kind: memory, every: 1d}})"},
      {"labels", R"({{name: labels, kind: file, path: monitoring/labels_store.jsonl, every: 500ms}})"},
  };
  return kProbes;
}

// Jobs: the shipped text with another beat.
std::string QuickJob(const std::string& name, const std::string& defaults) {
  size_t begin = defaults.find("- name: " + name + "\n");
  CHECK(begin != std::string::npos, "there is no default source of this name");
  size_t end = defaults.find("\n    - ", begin + 1);
  std::string job = defaults.substr(begin, end == std::string::npos ? end : end - begin);
  const size_t every = job.find("every: ");
  job.replace(every, job.find('\n', every) - every, "every: 500ms");
  const size_t last = job.find("--last, 1m");
  if (last != std::string::npos) job.replace(last, 10, "--last, 3s");
  return "    " + job + "\n";
}

std::string VigiaYaml(const HomeSettings& settings) {
  std::string yaml = fmt::format(
      "services:\n"
      "  - name: risk\n"
      "    command: [vigia-risk, --home, \"{0}\", --port, \"{{port}}\"]\n"
      "    port: {1}\n"
      "    health_url: \"http://127.0.0.1:{{port}}/health\"\n"
      "    ready_url: \"http://127.0.0.1:{{port}}/ready\"\n"
      "    drain: 1s\n"
      "    budget: 0  # what falls down stays down: that is the runbook's work\n"
      "control: {{port: 0, interval: 100ms, language: en}}\n",
      settings.home, settings.port);
  if (!settings.limits.empty()) yaml.insert(yaml.find("    budget: 0"), "    " + settings.limits + "\n");
  if (settings.leaky_megabytes > 0) {
    yaml.insert(yaml.find("control:"), fmt::format("  - name: leaky\n"
                                                   "    command: [vigia, drill, leaky-service, --port, \"{{port}}\", "
                                                   "--megabytes, \"{1}\"]\n"
                                                   "    port: {0}\n"
                                                   "    health_url: \"http://127.0.0.1:{{port}}/health\"\n"
                                                   "    memory_megabytes: {1}\n"
                                                   "    drain: 1s\n"
                                                   "    budget: 0\n",
                                                   settings.leaky_port, settings.leaky_megabytes));
  }
  if (!settings.risk.empty()) yaml += "risk: {" + settings.risk + "}\n";
  if (settings.quick_probes.empty()) return yaml;
  yaml += "signals:\n  sources:\n";
  for (const std::string& name : settings.quick_probes) {
    const auto probe = Probes().find(name);
    yaml += probe != Probes().end()
                ? "    - " + fmt::format(fmt::runtime(probe->second), fmt::arg("port", settings.port)) + "\n"
                : QuickJob(name, std::string(control::DefaultJobs()));
  }
  return yaml;
}

// Everybody of every policy has the address POLICY-LEVEL; all messages go to the sink.
std::string OncallYaml(const std::string& sink_url) {
  struct Level {
    const char *policy, *name, *after, *on;
  };
  constexpr Level kLevels[] = {{"sre", "L1", "0s", ""},           {"sre", "L2", "15m", "impact_over_10_percent"},
                               {"sre", "L3", "30m", "rollback"},  {"data", "L1", "0s", ""},
                               {"data", "L2", "4h", "drift_red"}, {"data", "L3", "8h", "performance_degraded"},
                               {"platform", "L1", "0s", ""},      {"platform", "L2", "15m", ""},
                               {"platform", "L3", "30m", ""},     {"platform", "L4", "1h", ""}};
  std::string people = "people:\n", policies = "policies:\n", before;
  for (const Level& level : kLevels) {
    const std::string who = std::string(level.policy) + "-" + level.name;
    people += fmt::format("  {0}: {{addresses: {{sms: {0}}}, roles: [oncall]}}\n", who);
    if (before != level.policy) policies += fmt::format("  {}:\n    levels:\n", level.policy);
    before = level.policy;
    const std::string on = level.on[0] != '\0' ? fmt::format(", on: [{}]", level.on) : "";
    policies +=
        fmt::format("      - {{name: {}, after: {}, notify: \"person:{}\"{}}}\n", level.name, level.after, who, on);
  }
  return people + policies +
         fmt::format("channels:\n  sms: {{kind: sms, url: \"{}\", to: To, text: Body}}\n", sink_url);
}

Status RunVigia(const std::string& vigia, const std::string& home, std::vector<std::string> words,
                Processes& processes) {
  ProcessRequest request;
  request.arguments = {vigia, "--home", home};
  request.arguments.insert(request.arguments.end(), words.begin(), words.end());
  request.timeout = std::chrono::minutes(2);
  const ProcessResult ended = TRY(processes.Run(request));
  if (ended.succeeded()) return {};
  return Error(Code::kInternal, "vigia " + words.front() + ": " + ended.err.substr(0, ended.err.find('\n')));
}

}  // namespace

Status TrainHome(const std::string& folder, const std::string& vigia, Processes& processes) {
  const std::string book = folder + "/data/raw/PEDE.xlsx", table = "data/processed/modeling_dataset.csv";
  const std::vector<std::vector<std::string>> commands = {
      {"sample", "--students", "300", "--seed", "7", "--out", "data/raw/PEDE.xlsx"},
      {"dataset", "build", "--source", book, "--out", table},
      // The simplest family: a drill needs a model, not the best one.
      {"train", "--data", table, "--calibration", "sigmoid", "--families", "logistic_regression"},
      {"registry", "register", "--version", "v1.0.0", "--artifacts", folder + "/artifacts"},
      {"registry", "register", "--version", "v1.1.0", "--artifacts", folder + "/artifacts"},
      {"registry", "promote", "--version", "v1.0.0"},
      {"registry", "promote", "--version", "v1.1.0"},
  };
  for (const auto& words : commands) TRY(RunVigia(vigia, folder, words, processes));
  return {};
}

Status ConfigureHome(const HomeSettings& settings, Files& files) {
  TRY(files.Write(JoinPath(settings.home, "vigia.yaml"), VigiaYaml(settings)));
  TRY(files.Write(JoinPath(settings.home, "oncall.yaml"), OncallYaml(settings.sink_url)));
  for (const control::BuiltInRunbook& built_in : control::BuiltInRunbooks()) {
    const std::string name(built_in.file.substr(0, built_in.file.find('.')));
    if (std::find(settings.quick.begin(), settings.quick.end(), name) == settings.quick.end()) continue;
    TRY(files.Write(JoinPath(settings.home, "runbooks/" + std::string(built_in.file)),
                    QuickRunbook(std::string(built_in.text))));
  }
  return {};
}

}  // namespace vigia::drill
