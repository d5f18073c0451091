#include "signals/labels.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace vigia::signals {
namespace {

// What stands between quotes, with \" \\ and \n as Go writes them.
std::string Unquote(std::string_view quoted) {
  std::string text;
  for (size_t i = 0; i < quoted.size(); ++i) {
    char c = quoted[i];
    if (c == '\\' && i + 1 < quoted.size()) {
      const char next = quoted[i + 1];
      if (next == '\\' || next == '"' || next == 'n') {
        c = next == 'n' ? '\n' : next;
        ++i;
      }
    }
    text += c;
  }
  return text;
}

}  // namespace

LabelSet::LabelSet(std::initializer_list<std::pair<std::string, std::string>> pairs) {
  for (const auto& [name, value] : pairs) Set(name, value);
}

void LabelSet::Set(std::string_view name, std::string_view value) {
  const auto at = std::lower_bound(pairs_.begin(), pairs_.end(), name,
                                   [](const auto& pair, std::string_view wanted) { return pair.first < wanted; });
  const bool found = at != pairs_.end() && at->first == name;
  if (value.empty()) {
    if (found) pairs_.erase(at);
  } else if (found) {
    at->second = value;
  } else {
    pairs_.emplace(at, name, value);
  }
}

std::string_view LabelSet::Get(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) return value;
  }
  return {};
}

LabelSet LabelSet::Only(const std::vector<std::string>& names) const {
  LabelSet chosen;
  for (const std::string& name : names) chosen.Set(name, Get(name));
  return chosen;
}

LabelSet LabelSet::Without(std::string_view name) const {
  LabelSet rest = *this;
  rest.Set(name, "");
  return rest;
}

LabelSet LabelSet::With(const LabelSet& over) const {
  LabelSet merged = *this;
  for (const auto& [name, value] : over.pairs_) merged.Set(name, value);
  return merged;
}

uint64_t LabelSet::Fingerprint() const {
  uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](unsigned char byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  for (const auto& [name, value] : pairs_) {
    for (const char c : name) add(static_cast<unsigned char>(c));
    add(0xFF);
    for (const char c : value) add(static_cast<unsigned char>(c));
    add(0xFF);
  }
  return hash;
}

std::string LabelSet::ToString() const {
  std::string text;
  for (const auto& [name, value] : pairs_) text += (text.empty() ? "" : ",") + name + "=" + value;
  return text;
}

Json LabelSet::ToJson() const {
  Json object = Json::object();
  for (const auto& [name, value] : pairs_) object[name] = value;
  return object;
}

LabelSet LabelSet::FromJson(const Json& object) {
  LabelSet labels;
  if (!object.is_object()) return labels;
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) labels.Set(name, value.get_ref<const std::string&>());
  }
  return labels;
}

std::string FormatFingerprint(uint64_t fingerprint) { return fmt::format("{:016x}", fingerprint); }

Result<Matcher> Matcher::Make(std::string name, Op op, std::string value) {
  if (name.empty()) return Error(Code::kInvalidArgument, "a matcher needs a label name");
  Matcher matcher(std::move(name), op, std::move(value));
  if (op == Op::kRegex || op == Op::kNotRegex) {
    matcher.pattern_ = TRY_CONTEXT(Pattern::Compile(matcher.value_), "the matcher of '" + matcher.name_ + "'");
  }
  return matcher;
}

Result<Matcher> Matcher::Parse(std::string_view text) {
  const size_t at = text.find_first_of("=!");
  if (at == std::string_view::npos || at + 1 > text.size()) {
    return Error(Code::kInvalidArgument, "a matcher looks like name=\"value\"");
  }
  const std::string_view name = Trim(text.substr(0, at));
  std::string_view rest = text.substr(at);
  Op op = Op::kEqual;
  size_t length = 1;
  if (rest.substr(0, 2) == "=~") {
    op = Op::kRegex, length = 2;
  } else if (rest.substr(0, 2) == "!~") {
    op = Op::kNotRegex, length = 2;
  } else if (rest.substr(0, 2) == "!=") {
    op = Op::kNotEqual, length = 2;
  } else if (rest.front() == '!') {
    return Error(Code::kInvalidArgument, "a matcher looks like name=\"value\"");
  }
  const std::string_view value = Trim(rest.substr(length));
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return Make(std::string(name), op, quoted ? Unquote(value.substr(1, value.size() - 2)) : std::string(value));
}

bool Matcher::Matches(const LabelSet& labels) const {
  const std::string_view value = labels.Get(name_);
  switch (op_) {
    case Op::kEqual: return value == value_;
    case Op::kNotEqual: return value != value_;
    case Op::kRegex: return pattern_->MatchesAll(value);
    case Op::kNotRegex: return !pattern_->MatchesAll(value);
  }
  return false;
}

std::string Matcher::ToString() const {
  constexpr std::string_view kOps[] = {"=", "!=", "=~", "!~"};
  return name_ + std::string(kOps[static_cast<size_t>(op_)]) + "\"" + value_ + "\"";
}

bool MatchesAll(const std::vector<Matcher>& matchers, const LabelSet& labels) {
  return std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& matcher) { return matcher.Matches(labels); });
}

}  // namespace vigia::signals
