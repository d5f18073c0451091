#include "signals/load.h"

#include <algorithm>

#include "signals/probes/kinds.h"

namespace vigia::signals {
namespace {

using config::MapReader;
using config::Problem;
using config::YamlNode;

constexpr Duration kShortest = std::chrono::milliseconds(100);

ProbeCommon ReadCommon(MapReader& reader) {
  ProbeCommon common;
  common.name = reader.RequiredText("name");
  common.every = reader.Time("every", common.every);
  common.timeout = reader.Time("timeout", std::min(common.timeout, std::max(common.every, kShortest)));
  for (const auto& [key, value] : {std::pair("every", common.every), std::pair("timeout", common.timeout)}) {
    if (value < kShortest) reader.Add(reader.Line(key), "'" + std::string(key) + "' must be at least 100ms");
  }
  if (const YamlNode* labels = reader.Map("labels")) {
    for (const auto& [name, value] : labels->map) {
      if (!IsSignalName(name)) reader.Add(value.line, "'" + name + "' is not a name of a label");
      common.labels.Set(name, value.scalar);
    }
  }
  return common;
}

void LoadSource(const YamlNode& node, const std::string& file, const ProbeRules& rules, SignalSettings& settings,
                std::vector<Problem>& problems) {
  const YamlNode* name = node.Find("name");
  MapReader reader(node, file, name != nullptr ? "source '" + name->scalar + "'" : "source", problems);
  const ProbeCommon common = ReadCommon(reader);
  const std::string wanted = reader.RequiredText("kind");
  const auto kinds = ProbeKinds();
  const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const ProbeKind& one) { return one.name == wanted; });
  if (kind == kinds.end()) {
    std::string names;
    for (const ProbeKind& one : kinds) names += (names.empty() ? "" : ", ") + std::string(one.name);
    if (!wanted.empty()) reader.Add(reader.Line("kind"), "'kind' must be one of " + names);
    return;  // without its kind nobody knows its keys
  }
  settings.names.push_back(common.name);
  settings.sources.push_back(kind->load(reader, common, rules));
  reader.Finish();
}

int64_t AtLeast(MapReader& reader, std::string_view key, size_t fallback, int64_t least) {
  const int64_t value = reader.Integer(key, static_cast<int64_t>(fallback));
  if (value >= least) return value;
  reader.Add(reader.Line(key), "'" + std::string(key) + "' must be at least " + std::to_string(least));
  return least;
}

}  // namespace

SignalSettings LoadSignals(const YamlNode* section, const std::string& file, std::vector<Problem>& problems) {
  SignalSettings settings;
  if (section == nullptr || section->kind == YamlNode::Kind::kNull) return settings;
  MapReader reader(*section, file, "signals", problems);
  SeriesSettings& series = settings.series;
  series.max_series = static_cast<size_t>(AtLeast(reader, "max_series", series.max_series, 1));
  series.samples_per_series = static_cast<size_t>(AtLeast(reader, "samples_per_series", series.samples_per_series, 8));
  series.forget_after = reader.Time("forget_after", series.forget_after);
  settings.collector.threads = static_cast<size_t>(AtLeast(reader, "threads", settings.collector.threads, 1));
  ProbeRules rules;
  rules.programs = reader.Has("programs") ? reader.Texts("programs") : std::vector<std::string>{"vigia"};
  if (const YamlNode* sources = reader.List("sources")) {
    for (const YamlNode& node : sources->items) {
      const size_t before = settings.names.size();
      LoadSource(node, file, rules, settings, problems);
      const auto end = settings.names.begin() + static_cast<ptrdiff_t>(before);
      if (settings.names.size() > before && std::find(settings.names.begin(), end, settings.names.back()) != end) {
        reader.Add(node.line, "source '" + settings.names.back() + "' is defined twice");
      }
    }
  }
  reader.Finish();
  return settings;
}

std::vector<std::unique_ptr<SignalSource>> MakeSources(const SignalSettings& settings, const ProbeWorld& world) {
  std::vector<std::unique_ptr<SignalSource>> sources;
  for (const SourceMaker& make : settings.sources) sources.push_back(make(world));
  return sources;
}

}  // namespace vigia::signals
