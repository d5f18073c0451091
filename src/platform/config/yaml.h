// YAML read into a plain tree that remembers lines. The one door to yaml-cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace vigia::config {

struct YamlEntry;

// Value type. Anchors and merge keys are resolved; tags are refused.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  int line = 0;                 // 1-based, where the node starts
  bool quoted = false;          // kScalar: "8000" in quotes is text, not a number
  std::string scalar;           // kScalar
  std::vector<YamlNode> items;  // kSequence
  std::vector<YamlEntry> map;   // kMap, in file order; keys are distinct
  std::vector<int> key_lines;   // kMap: the line of each key

  const YamlNode* Find(std::string_view key) const;  // kMap; null when there is none

  // The scalar as YAML 1.2's core schema reads it; nullopt when it is something else.
  std::optional<int64_t> AsInteger() const;
  std::optional<double> AsNumber() const;
  std::optional<bool> AsBool() const;
};

struct YamlEntry {
  std::string first;
  YamlNode second;
};

// At most 1 MiB, 100 levels and 100,000 nodes. Errors: "name:line: what". An empty text is kNull.
Result<YamlNode> ParseYaml(std::string_view text, std::string_view name);

// Numbers, booleans and nulls become themselves; the rest becomes text.
Json YamlToJson(const YamlNode& node);

}  // namespace vigia::config
