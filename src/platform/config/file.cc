#include "config/file.h"

#include <fmt/format.h>

#include <algorithm>

namespace vigia::config {

const std::vector<std::string_view>& SectionNames() {
  static const std::vector<std::string_view> kNames = {"alerting", "checks",   "control",  "inhibit_rules", "retention",
                                                       "risk",     "runbooks", "services", "signals",       "silences"};
  return kNames;
}

const std::vector<DocumentSection>& DocumentSections() {
  static const std::vector<DocumentSection> kSections = {
      {"alerting", "how alerts are grouped, and who else is told of them (docs/guides/alerts.md)"},
      {"checks", "conditions on signals, beside those of runbooks and checks/*.yaml (docs/guides/operator.md)"},
      {"inhibit_rules", "which alerts are quiet while others fire (docs/guides/alerts.md)"},
      {"runbooks", "modes of runbooks: auto, approve, dry-run, off (docs/guides/operator.md)"},
      {"services", "services that the operator keeps; without it the risk service alone (docs/guides/services.md)"},
      {"signals", "sources beside those that are measured without being asked for (docs/guides/operator.md)"},
      {"silences", "recurring silences (docs/guides/alerts.md)"},
  };
  return kSections;
}

Result<YamlNode> ReadFile(const Files& files, const std::string& home) {
  const std::string path = JoinPath(home, kFileName);
  if (!files.Exists(path)) return YamlNode{};
  YamlNode file = TRY(ParseYaml(TRY(files.Read(path)), kFileName));
  if (file.kind == YamlNode::Kind::kNull) return file;
  if (file.kind != YamlNode::Kind::kMap) {
    return Error(Code::kInvalidArgument, fmt::format("{}:1: must be a map of sections", kFileName));
  }
  for (size_t i = 0; i < file.map.size(); ++i) {
    const std::string& name = file.map[i].first;
    if (std::find(SectionNames().begin(), SectionNames().end(), name) != SectionNames().end()) continue;
    return Error(Code::kInvalidArgument, fmt::format("{}:{}: '{}' is not a section; there are {}", kFileName,
                                                     file.key_lines[i], name, fmt::join(SectionNames(), ", ")));
  }
  return file;
}

Result<YamlNode> ReadSection(const Files& files, const std::string& home, std::string_view section) {
  YamlNode file = TRY(ReadFile(files, home));
  for (size_t i = file.map.size(); i > 0; --i) {
    if (file.map[i - 1].first == section) continue;
    file.map.erase(file.map.begin() + static_cast<std::ptrdiff_t>(i - 1));
    file.key_lines.erase(file.key_lines.begin() + static_cast<std::ptrdiff_t>(i - 1));
  }
  return file;
}

}  // namespace vigia::config
