#include "config/map_reader.h"

#include <array>

#include "base/text.h"

namespace vigia::config {
namespace {

struct Unit {
  std::string_view name;
  int64_t microseconds;
};
// Longest names first where one begins another.
constexpr std::array<Unit, 7> kUnits = {{{"ms", 1'000},
                                         {"us", 1},
                                         {"s", 1'000'000},
                                         {"m", 60'000'000},
                                         {"h", 3'600'000'000},
                                         {"d", 86'400'000'000},
                                         {"w", 604'800'000'000}}};
constexpr int64_t kLongest = 3'650LL * 86'400'000'000;  // ten years

const YamlNode& EmptyMap() {
  static const YamlNode kEmpty = [] {
    YamlNode node;
    node.kind = YamlNode::Kind::kMap;
    return node;
  }();
  return kEmpty;
}

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  if (text == "0") return Duration::zero();
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = ParseNumber(text.substr(0, digits));
    if (digits == 0 || !number) return std::nullopt;
    text.remove_prefix(digits);
    const Unit* found = nullptr;
    for (const Unit& unit : kUnits) {
      if (found == nullptr && text.substr(0, unit.name.size()) == unit.name) found = &unit;
    }
    if (found == nullptr) return std::nullopt;
    text.remove_prefix(found->name.size());
    total += *number * static_cast<double>(found->microseconds);
    if (total > static_cast<double>(kLongest)) return std::nullopt;
  }
  return Duration(static_cast<int64_t>(total + 0.5));
}

std::string FormatDuration(Duration value) {
  int64_t left = value.count();
  if (left == 0) return "0s";
  std::string text;
  constexpr std::array<std::pair<std::string_view, int64_t>, 6> kParts = {
      {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}, {"us", 1}}};
  if (left < 0) text = "-";
  left = left < 0 ? -left : left;
  for (const auto& [name, size] : kParts) {
    if (left < size) continue;
    text += std::to_string(left / size) + std::string(name);
    left %= size;
  }
  return text;
}

MapReader::MapReader(const YamlNode& node, std::string file, std::string where, std::vector<Problem>& problems)
    : node_(node.kind == YamlNode::Kind::kMap ? node : EmptyMap()),
      file_(std::move(file)),
      where_(std::move(where)),
      problems_(problems) {
  if (node.kind != YamlNode::Kind::kMap) Add(node.line, "must be a map of keys and values");
}

void MapReader::Add(int line, std::string message) { problems_.push_back({file_, line, where_ + ": " + message}); }

int MapReader::Line(std::string_view key) const {
  for (size_t i = 0; i < node_.map.size(); ++i) {
    if (node_.map[i].first == key) return node_.key_lines[i];
  }
  return node_.line;
}

const YamlNode* MapReader::Child(std::string_view key) {
  known_.emplace(key);
  return node_.Find(key);
}

const YamlNode* MapReader::Scalar(std::string_view key) {
  const YamlNode* node = Child(key);
  if (node == nullptr || node->kind == YamlNode::Kind::kScalar) return node;
  Add(node->line, "'" + std::string(key) + "' must be a single value");
  return nullptr;
}

const YamlNode* MapReader::Map(std::string_view key) {
  const YamlNode* node = Child(key);
  if (node == nullptr || node->kind == YamlNode::Kind::kMap) return node;
  Add(node->line, "'" + std::string(key) + "' must be a map of keys and values");
  return nullptr;
}

const YamlNode* MapReader::List(std::string_view key) {
  const YamlNode* node = Child(key);
  if (node == nullptr || node->kind == YamlNode::Kind::kSequence) return node;
  Add(node->line, "'" + std::string(key) + "' must be a list");
  return nullptr;
}

std::string MapReader::Text(std::string_view key, std::string fallback) {
  const YamlNode* node = Scalar(key);
  if (node == nullptr) return fallback;
  return node->scalar;
}

std::string MapReader::RequiredText(std::string_view key) {
  const YamlNode* node = Scalar(key);
  if (node != nullptr && !node->scalar.empty()) return node->scalar;
  if (!Has(key)) {
    Add(node_.line, "'" + std::string(key) + "' is missing");
  } else if (node != nullptr) {
    Add(node->line, "'" + std::string(key) + "' must not be empty");
  }
  return "";
}

double MapReader::Number(std::string_view key, double fallback) {
  const YamlNode* node = Scalar(key);
  if (node == nullptr) return fallback;
  if (const auto number = node->AsNumber()) return *number;
  Add(node->line, "'" + std::string(key) + "' must be a number");
  return fallback;
}

int64_t MapReader::Integer(std::string_view key, int64_t fallback) {
  const YamlNode* node = Scalar(key);
  if (node == nullptr) return fallback;
  if (const auto number = node->AsInteger()) return *number;
  Add(node->line, "'" + std::string(key) + "' must be a whole number");
  return fallback;
}

bool MapReader::Flag(std::string_view key, bool fallback) {
  const YamlNode* node = Scalar(key);
  if (node == nullptr) return fallback;
  if (const auto flag = node->AsBool()) return *flag;
  Add(node->line, "'" + std::string(key) + "' must be true or false");
  return fallback;
}

Duration MapReader::Time(std::string_view key, Duration fallback) {
  const YamlNode* node = Scalar(key);
  if (node == nullptr) return fallback;
  if (const auto time = ParseDuration(node->scalar)) return *time;
  Add(node->line, "'" + std::string(key) + "' must be a duration such as 30s, 5m or 2h");
  return fallback;
}

std::vector<std::string> MapReader::Texts(std::string_view key) {
  const YamlNode* node = Child(key);
  if (node == nullptr) return {};
  if (node->kind == YamlNode::Kind::kScalar) return {node->scalar};
  std::vector<std::string> texts;
  if (node->kind != YamlNode::Kind::kSequence) Add(node->line, "'" + std::string(key) + "' must be a list of texts");
  for (const YamlNode& item : node->items) {
    if (item.kind == YamlNode::Kind::kScalar) {
      texts.push_back(item.scalar);
    } else {
      Add(item.line, "'" + std::string(key) + "' must be a list of texts");
    }
  }
  return texts;
}

void MapReader::Finish() {
  for (size_t i = 0; i < node_.map.size(); ++i) {
    const std::string& key = node_.map[i].first;
    if (known_.find(key) == known_.end()) Add(node_.key_lines[i], "unknown key '" + key + "'");
  }
}

}  // namespace vigia::config
