#include "alerting/load.h"

#include <algorithm>

namespace vigia::alerting {
namespace {

using config::MapReader;
using config::Problem;
using config::YamlNode;

std::vector<signals::Matcher> ReadMatchers(MapReader& reader, std::string_view key) {
  std::vector<signals::Matcher> matchers;
  for (const std::string& text : reader.Texts(key)) {
    auto matcher = signals::Matcher::Parse(text);
    if (matcher.ok()) {
      matchers.push_back(*std::move(matcher));
    } else {
      reader.Add(reader.Line(key), matcher.error().message());
    }
  }
  if (matchers.empty()) reader.Add(reader.Line(key), "'" + std::string(key) + "' must list matchers");
  return matchers;
}

WindowSilence ReadSilence(const YamlNode& node, const std::string& file, const std::vector<std::string>& windows,
                          std::vector<Problem>& problems) {
  MapReader reader(node, file, "silence", problems);
  WindowSilence silence;
  silence.window = reader.RequiredText("window");
  if (!silence.window.empty() && std::find(windows.begin(), windows.end(), silence.window) == windows.end()) {
    reader.Add(reader.Line("window"), "there is no window '" + silence.window + "'");
  }
  silence.matchers = ReadMatchers(reader, "matchers");
  silence.comment = reader.Text("comment");
  reader.Finish();
  return silence;
}

InhibitRule ReadRule(const YamlNode& node, const std::string& file, std::vector<Problem>& problems) {
  MapReader reader(node, file, "inhibit rule", problems);
  InhibitRule rule;
  rule.source = ReadMatchers(reader, "source_matchers");
  rule.target = ReadMatchers(reader, "target_matchers");
  rule.equal = reader.Texts("equal");
  reader.Finish();
  return rule;
}

void ReadAlerting(const YamlNode& node, const std::string& file, AlertingSettings& settings,
                  std::vector<Problem>& problems) {
  MapReader reader(node, file, "alerting", problems);
  settings.group_by = reader.Texts("group_by");
  settings.resolve_timeout = reader.Time("resolve_timeout", settings.resolve_timeout);
  settings.webhook_timeout = reader.Time("webhook_timeout", settings.webhook_timeout);
  settings.silence_retention = reader.Time("silence_retention", settings.silence_retention);
  for (const char* key : {"resolve_timeout", "webhook_timeout"}) {
    if (reader.Has(key) && reader.Time(key, Duration::zero()) < std::chrono::seconds(1)) {
      reader.Add(reader.Line(key), "'" + std::string(key) + "' must be at least 1s");
    }
  }
  for (const auto& [key, target] :
       {std::pair("max_alerts", &settings.max_alerts), std::pair("max_silences", &settings.max_silences)}) {
    const int64_t most = reader.Integer(key, static_cast<int64_t>(*target));
    if (most < 1) reader.Add(reader.Line(key), "'" + std::string(key) + "' must be at least 1");
    *target = static_cast<size_t>(std::max<int64_t>(most, 1));
  }
  reader.Finish();
}

const std::vector<YamlNode>& ItemsOf(const YamlNode& root, const std::string& key, const std::string& file,
                                     std::vector<Problem>& problems) {
  static const std::vector<YamlNode> kNone;
  const YamlNode* list = root.Find(key);
  if (list == nullptr || list->kind == YamlNode::Kind::kNull) return kNone;
  if (list->kind != YamlNode::Kind::kSequence) problems.push_back({file, list->line, "'" + key + "' must be a list"});
  return list->items;
}

}  // namespace

AlertingSettings LoadAlerting(const YamlNode& root, const std::string& file, const std::vector<std::string>& windows,
                              std::vector<Problem>& problems) {
  AlertingSettings settings;
  for (const YamlNode& node : ItemsOf(root, "silences", file, problems)) {
    settings.silences.push_back(ReadSilence(node, file, windows, problems));
  }
  for (const YamlNode& node : ItemsOf(root, "inhibit_rules", file, problems)) {
    settings.inhibit_rules.push_back(ReadRule(node, file, problems));
  }
  const YamlNode* alerting = root.Find("alerting");
  if (alerting != nullptr && alerting->kind != YamlNode::Kind::kNull) ReadAlerting(*alerting, file, settings, problems);
  return settings;
}

}  // namespace vigia::alerting
