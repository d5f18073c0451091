#include "supervisor/load.h"

#include <algorithm>
#include <set>

namespace vigia::supervisor {
namespace {

using config::MapReader;
using config::Problem;
using config::YamlNode;

bool IsServiceName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

int Whole(MapReader& reader, std::string_view key, int fallback, int least, int most) {
  const int64_t value = reader.Integer(key, fallback);
  if (value >= least && value <= most) return static_cast<int>(value);
  reader.Add(reader.Line(key),
             "'" + std::string(key) + "' must be from " + std::to_string(least) + " to " + std::to_string(most));
  return fallback;
}

Duration Positive(MapReader& reader, std::string_view key, Duration fallback) {
  const Duration value = reader.Time(key, fallback);
  if (value > Duration::zero()) return value;
  reader.Add(reader.Line(key), "'" + std::string(key) + "' must be longer than nothing");
  return fallback;
}

bool Numbered(std::string_view text) {
  return text.find("{replica}") != std::string_view::npos || text.find("{port}") != std::string_view::npos;
}

void ReadTimes(MapReader& reader, ServiceSpec& spec) {
  spec.health_every = Positive(reader, "health_every", spec.health_every);
  spec.health_timeout = Positive(reader, "health_timeout", spec.health_timeout);
  spec.unhealthy_after = Whole(reader, "unhealthy_after", spec.unhealthy_after, 1, 1000);
  spec.start_grace = Positive(reader, "start_grace", spec.start_grace);
  spec.drain = Positive(reader, "drain", spec.drain);
  spec.backoff_first = Positive(reader, "backoff_first", spec.backoff_first);
  spec.backoff_longest = Positive(reader, "backoff_longest", spec.backoff_longest);
  spec.budget = Whole(reader, "budget", spec.budget, 0, 1000);
  spec.budget_window = Positive(reader, "budget_window", spec.budget_window);
}

void ReadLimits(MapReader& reader, ServiceSpec& spec) {
  spec.processors = Whole(reader, "processors", 0, 0, 1024);
  spec.memory_megabytes = Whole(reader, "memory_megabytes", 0, 0, 1 << 30);
  if (spec.managed_by == ManagedBy::kVigia) return;
  for (const char* key : {"processors", "memory_megabytes"}) {
    if (!reader.Has(key)) continue;
    reader.Add(reader.Line(key), "'" + std::string(key) + "' is for a service that vigia manages; tell it to " +
                                     std::string(ManagedByName(spec.managed_by)));
  }
}

void CheckManager(MapReader& reader, const ServiceSpec& spec) {
  const bool ours = spec.managed_by == ManagedBy::kVigia;
  if (ours && spec.command.empty()) {
    reader.Add(reader.Line("command"), "'command' must list the program and then its arguments");
  }
  if (!ours && spec.unit.empty()) {
    reader.Add(reader.Line("unit"), "'unit' must name the unit, container or deployment of a service that " +
                                        std::string(ManagedByName(spec.managed_by)) + " manages");
  }
  if (spec.unit.starts_with('-')) reader.Add(reader.Line("unit"), "'unit' must be a name");
  if (spec.replicas <= 1 || spec.managed_by == ManagedBy::kKubernetes) return;
  if (!ours && !Numbered(spec.unit)) {
    reader.Add(reader.Line("unit"), "'unit' must hold {replica} when there are several");
  }
  if (!spec.health_url.empty() && !Numbered(spec.health_url)) {
    reader.Add(reader.Line("health_url"), "'health_url' must hold {port} or {replica} when there are several");
  }
}

ServiceSpec ReadService(const YamlNode& node, const std::string& file, std::vector<Problem>& problems) {
  ServiceSpec spec;
  const YamlNode* name = node.Find("name");
  MapReader reader(node, file, name != nullptr ? "service '" + name->scalar + "'" : "service", problems);
  spec.name = reader.RequiredText("name");
  if (!spec.name.empty() && !IsServiceName(spec.name)) {
    reader.Add(reader.Line("name"), "'name' must be letters, digits, - and _, at most 64");
  }
  spec.managed_by = reader.Choice<ManagedBy>("managed_by",
                                             {{"vigia", ManagedBy::kVigia},
                                              {"systemd", ManagedBy::kSystemd},
                                              {"docker", ManagedBy::kDocker},
                                              {"kubernetes", ManagedBy::kKubernetes}},
                                             ManagedBy::kVigia);
  if (reader.List("command") != nullptr) spec.command = reader.Texts("command");
  spec.unit = reader.Text("unit");
  spec.kubernetes_namespace = reader.Text("namespace");
  if (const YamlNode* environment = reader.Map("environment")) {
    for (const auto& [key, value] : environment->map) spec.environment.emplace_back(key, value.scalar);
  }
  spec.directory = reader.Text("directory");
  spec.health_url = reader.Text("health_url");
  spec.ready_url = reader.Text("ready_url");
  spec.port = Whole(reader, "port", 0, 0, 65535);
  spec.replicas = Whole(reader, "replicas", 1, 1, 64);
  ReadTimes(reader, spec);
  ReadLimits(reader, spec);
  CheckManager(reader, spec);
  reader.Finish();
  return spec;
}

}  // namespace

std::vector<ServiceSpec> LoadServices(const YamlNode& list, const std::string& file, std::vector<Problem>& problems) {
  std::vector<ServiceSpec> specs;
  if (list.kind != YamlNode::Kind::kSequence && list.kind != YamlNode::Kind::kNull) {
    problems.push_back({file, list.line, "'services' must be a list"});
  }
  std::set<std::string> names;
  int processor = 0;
  for (const YamlNode& node : list.items) {
    specs.push_back(ReadService(node, file, problems));
    specs.back().first_processor = processor;
    processor += specs.back().processors * specs.back().replicas;
    if (!names.insert(specs.back().name).second) {
      problems.push_back({file, node.line, "service '" + specs.back().name + "' is defined twice"});
    }
  }
  return specs;
}

}  // namespace vigia::supervisor
