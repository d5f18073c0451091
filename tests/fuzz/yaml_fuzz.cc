// YAML: any bytes as vigia.yaml, as checks of a runbook and as a free map of settings.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "checks/load.h"
#include "config/map_reader.h"
#include "config/settings.h"
#include "config/yaml.h"

namespace {

using namespace vigia;          // NOLINT: a fuzz target is a program of its own
using namespace vigia::config;  // NOLINT

void AsSettings(const YamlNode& root) {
  int64_t port = 8000;
  double threshold = 0.5;
  std::string host = "127.0.0.1";
  bool open = false;
  std::vector<std::string> blocked;
  Secret key;
  Settings settings;
  Section section = settings.In("risk");
  section.Integer("port", port, {.min = 0, .max = 65535});
  section.Number("threshold", threshold, {.min = 0, .max = 1});
  section.Text("host", host, {});
  section.Flag("open", open, {});
  section.List("blocked", blocked, {});
  section.SecretText("key", key, {});
  const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
  if (!settings.Load(root, "vigia.yaml", nothing, {}).ok()) return;
  if (port < 0 || port > 65535 || !(threshold >= 0 && threshold <= 1)) std::abort();
  static_cast<void>(settings.Describe());
}

void AsChecks(const YamlNode& root) {
  std::vector<Problem> problems;
  static_cast<void>(checks::LoadChecks(root, "checks.yaml", problems));
  for (const Problem& problem : problems) {
    if (problem.message.empty() || problem.line < 0) std::abort();
  }
}

void Durations(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kScalar) {
    if (const auto duration = ParseDuration(node.scalar); duration && *duration < Duration::zero()) std::abort();
  }
  for (const YamlNode& item : node.items) Durations(item);
  for (const auto& [key, value] : node.map) Durations(value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto root = ParseYaml({reinterpret_cast<const char*>(data), size}, "vigia.yaml");
  if (!root.ok()) {
    if (root.error().message().empty()) std::abort();
    return 0;
  }
  static_cast<void>(YamlToJson(*root).dump(-1, ' ', false, Json::error_handler_t::replace));
  AsSettings(*root);
  AsChecks(*root);
  Durations(*root);
  return 0;
}
