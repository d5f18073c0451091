// Labels of series, alerts and incidents, and what matches them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "signals/pattern.h"

namespace vigia::signals {

// Pairs sorted by name; names are unique; an empty value is the same as no label.
class LabelSet {
 public:
  LabelSet() = default;
  LabelSet(std::initializer_list<std::pair<std::string, std::string>> pairs);

  void Set(std::string_view name, std::string_view value);
  std::string_view Get(std::string_view name) const;  // empty when missing
  bool empty() const { return pairs_.empty(); }
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }
  LabelSet Only(const std::vector<std::string>& names) const;
  LabelSet Without(std::string_view name) const;
  LabelSet With(const LabelSet& over) const;  // `over` wins

  // FNV-1a-64 over name 0xFF value 0xFF, the same as Alertmanager's fingerprints.
  uint64_t Fingerprint() const;
  std::string ToString() const;  // service=risk,zone=a
  Json ToJson() const;           // {"service": "risk"}
  static LabelSet FromJson(const Json& object);

  friend bool operator==(const LabelSet&, const LabelSet&) = default;
  friend bool operator<(const LabelSet& a, const LabelSet& b) { return a.pairs_ < b.pairs_; }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// Sixteen hexadecimal digits.
std::string FormatFingerprint(uint64_t fingerprint);

// name="value", !=, =~ (RE2, anchored at both ends) and !~. A missing label is the empty text.
class Matcher {
 public:
  enum class Op { kEqual, kNotEqual, kRegex, kNotRegex };
  static Result<Matcher> Make(std::string name, Op op, std::string value);
  // `alertname="X"`, `severity=~"page|critical"`; quotes are optional.
  static Result<Matcher> Parse(std::string_view text);

  bool Matches(const LabelSet& labels) const;
  const std::string& name() const { return name_; }
  Op op() const { return op_; }
  const std::string& value() const { return value_; }
  std::string ToString() const;

 private:
  Matcher(std::string name, Op op, std::string value) : name_(std::move(name)), op_(op), value_(std::move(value)) {}
  std::string name_;
  Op op_;
  std::string value_;
  std::optional<Pattern> pattern_;  // of kRegex and kNotRegex
};

bool MatchesAll(const std::vector<Matcher>& matchers, const LabelSet& labels);

}  // namespace vigia::signals
