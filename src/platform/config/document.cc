#include "config/document.h"

#include <fmt/format.h>

#include "base/redact.h"
#include "config/file.h"

namespace vigia::config {

namespace {

enum class Shown { kAsItStands, kHidden };

std::string WithoutUser(std::string text) {
  const size_t scheme = text.find("://");
  if (scheme == std::string::npos) return text;
  const size_t begin = scheme + 3;
  const size_t at = text.substr(0, text.find_first_of("/?#", begin)).rfind('@');
  if (at != std::string::npos && at >= begin) text.replace(begin, at - begin, "***");
  return text;
}

void AddValues(const YamlNode& node, const std::string& name, Shown shown, std::vector<KeyState>& states) {
  for (size_t i = 0; i < node.items.size(); ++i)
    AddValues(node.items[i], fmt::format("{}[{}]", name, i), shown, states);
  for (const auto& [key, value] : node.map) {
    const bool hides = key == "environment" || key == "headers" || IsSensitiveName(key);
    AddValues(value, name + "." + key, hides ? Shown::kHidden : shown, states);
  }
  if (node.kind != YamlNode::Kind::kScalar) return;
  KeyState state;
  state.name = name;
  state.type = "value";
  state.value_text = shown == Shown::kHidden ? "***" : WithoutUser(RedactText(node.scalar));
  state.origin = Origin::kFile;
  state.origin_detail = fmt::format("{}:{}", kFileName, node.line);
  states.push_back(std::move(state));
}

}  // namespace

std::vector<KeyState> ExplainDocuments(const YamlNode& file) {
  std::vector<KeyState> states;
  for (const DocumentSection& section : DocumentSections()) {
    const size_t before = states.size();
    const YamlNode* node = file.Find(section.name);
    if (node != nullptr) AddValues(*node, std::string(section.name), Shown::kAsItStands, states);
    if (states.size() > before) continue;
    KeyState state;
    state.name = section.name;
    state.type = "section";
    state.options.help = section.help;
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace vigia::config
