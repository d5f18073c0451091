// Reads YAML maps into structs and collects everything that is wrong, each with file, line and a
// sentence, so that a linter shows it all at once. Also durations as people write them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "config/yaml.h"

namespace vigia::config {

struct Problem {
  std::string file;
  int line = 0;
  std::string message;  // a sentence

  std::string ToString() const { return file + ":" + std::to_string(line) + ": " + message; }
};

// "250ms", "30s", "5m", "2h", "7d", "1w", and sums such as "1h30m"; "0" needs no unit. Not negative.
std::optional<Duration> ParseDuration(std::string_view text);
std::string FormatDuration(Duration value);

// Each getter marks its key as known, returns the fallback when the key is missing, and adds a
// problem when the value does not fit. Finish reports keys that nobody asked for.
// The node and the problems outlive the reader.
class MapReader {
 public:
  // `where` names the map in messages: "runbook 'service-down'". A node that is not a map is a problem.
  MapReader(const YamlNode& node, std::string file, std::string where, std::vector<Problem>& problems);

  bool Has(std::string_view key) const { return node_.Find(key) != nullptr; }
  int Line(std::string_view key) const;  // of the key, or of the map when it is missing
  int line() const { return node_.line; }
  const std::string& file() const { return file_; }
  std::vector<Problem>& problems() { return problems_; }

  std::string Text(std::string_view key, std::string fallback = "");
  std::string RequiredText(std::string_view key);
  double Number(std::string_view key, double fallback);
  int64_t Integer(std::string_view key, int64_t fallback);
  bool Flag(std::string_view key, bool fallback);
  Duration Time(std::string_view key, Duration fallback);
  std::vector<std::string> Texts(std::string_view key);  // a list of scalars, or one scalar
  const YamlNode* Child(std::string_view key);           // any kind; nullptr when missing
  const YamlNode* Map(std::string_view key);             // nullptr when missing or not a map
  const YamlNode* List(std::string_view key);

  // One of `choices`: {{"auto", Mode::kAuto}, …}. A problem names them all.
  template <typename Enum>
  Enum Choice(std::string_view key, const std::vector<std::pair<std::string_view, Enum>>& choices, Enum fallback) {
    const YamlNode* node = Scalar(key);
    if (node == nullptr) return fallback;
    std::string names;
    for (const auto& [name, value] : choices) {
      if (node->scalar == name) return value;
      names += (names.empty() ? "" : ", ") + std::string(name);
    }
    Add(node->line, "'" + std::string(key) + "' must be one of " + names);
    return fallback;
  }

  void Add(int line, std::string message);
  void Finish();

 private:
  const YamlNode* Scalar(std::string_view key);

  const YamlNode& node_;
  std::string file_;
  std::string where_;
  std::vector<Problem>& problems_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace vigia::config
