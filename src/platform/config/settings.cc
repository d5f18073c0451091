#include "config/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace vigia::config {

std::string_view OriginName(Origin origin) {
  switch (origin) {
    case Origin::kDefault: return "default";
    case Origin::kFile: return "file";
    case Origin::kEnvironment: return "environment";
    case Origin::kFlag: return "flag";
    case Origin::kLive: return "live";
  }
  return "default";
}

void Section::Integer(std::string name, int64_t& target, KeyOptions options) {
  settings_.Add(prefix_ + "." + name, &target, std::move(options));
}
void Section::Number(std::string name, double& target, KeyOptions options) {
  settings_.Add(prefix_ + "." + name, &target, std::move(options));
}
void Section::Text(std::string name, std::string& target, KeyOptions options) {
  settings_.Add(prefix_ + "." + name, &target, std::move(options));
}
void Section::Flag(std::string name, bool& target, KeyOptions options) {
  settings_.Add(prefix_ + "." + name, &target, std::move(options));
}
void Section::List(std::string name, std::vector<std::string>& target, KeyOptions options) {
  settings_.Add(prefix_ + "." + name, &target, std::move(options));
}
void Section::SecretText(std::string name, Secret& target, KeyOptions options) {
  settings_.Add(prefix_ + "." + name, &target, std::move(options));
}
void Section::SecretList(std::string name, std::vector<Secret>& target, KeyOptions options) {
  settings_.Add(prefix_ + "." + name, &target, std::move(options));
}

namespace {

// What a key's type is called, and how its value is shown.
struct TypeNames {
  std::string_view operator()(const int64_t*) const { return "integer"; }
  std::string_view operator()(const double*) const { return "number"; }
  std::string_view operator()(const std::string*) const { return "text"; }
  std::string_view operator()(const bool*) const { return "boolean"; }
  std::string_view operator()(const std::vector<std::string>*) const { return "list"; }
  std::string_view operator()(const Secret*) const { return "secret"; }
  std::string_view operator()(const std::vector<Secret>*) const { return "secret list"; }
};

struct ValueText {
  std::string operator()(const int64_t* value) const { return std::to_string(*value); }
  std::string operator()(const double* value) const { return FormatNumber(*value); }
  std::string operator()(const std::string* value) const { return *value; }
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const std::vector<std::string>* value) const { return Join(*value, ","); }
  std::string operator()(const Secret* value) const { return value->empty() ? "" : "***"; }
  std::string operator()(const std::vector<Secret>* value) const {
    return value->empty() ? "" : fmt::format("{} secret{}", value->size(), value->size() == 1 ? "" : "s");
  }
};

template <typename T>
std::vector<T> SplitList(std::string_view text) {
  std::vector<T> items;
  for (const std::string_view part : Split(text, ',')) {
    if (!Trim(part).empty()) items.emplace_back(std::string(Trim(part)));
  }
  return items;
}

}  // namespace

void Settings::Add(std::string name, Target target, KeyOptions options) {
  CHECK(Find(name) == nullptr, "a setting is described once");
  const std::string default_text = std::visit(ValueText{}, target);
  keys_.push_back(Key{std::move(name), target, std::move(options), default_text, Origin::kDefault, ""});
}

Settings::Key* Settings::Find(std::string_view name) {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.name == name; });
  return found == keys_.end() ? nullptr : &*found;
}

Status Settings::Set(Key& key, std::string_view text, Origin origin, std::string origin_detail) {
  const auto refuse = [&](std::string_view wanted) {
    return Error(Code::kInvalidArgument, fmt::format("{}: {} must be {}", origin_detail, key.name, wanted));
  };
  const KeyOptions& options = key.options;
  if (auto** number = std::get_if<int64_t*>(&key.target)) {
    const auto value = ParseInteger(Trim(text));
    if (!value) return refuse("an integer");
    if (static_cast<double>(*value) < options.min || static_cast<double>(*value) > options.max) {
      return refuse(fmt::format("from {} to {}", options.min, options.max));
    }
    **number = *value;
  } else if (auto** real = std::get_if<double*>(&key.target)) {
    const auto value = ParseNumber(Trim(text));
    if (!value) return refuse("a number");
    if (*value < options.min || *value > options.max) {
      return refuse(fmt::format("from {} to {}", options.min, options.max));
    }
    **real = *value;
  } else if (auto** flag = std::get_if<bool*>(&key.target)) {
    const std::string lower = ToLowerAscii(Trim(text));
    const bool yes = lower == "true" || lower == "1" || lower == "yes";
    if (!yes && lower != "false" && lower != "0" && lower != "no") return refuse("true or false");
    **flag = yes;
  } else if (auto** words = std::get_if<std::string*>(&key.target)) {
    const auto& choices = options.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end()) {
      return refuse("one of " + Join(choices, ", "));
    }
    **words = text;
  } else if (auto** list = std::get_if<std::vector<std::string>*>(&key.target)) {
    **list = SplitList<std::string>(text);
  } else if (auto** secret = std::get_if<Secret*>(&key.target)) {
    **secret = Secret(std::string(text));
  } else {
    *std::get<std::vector<Secret>*>(key.target) = SplitList<Secret>(text);
  }
  key.origin = origin;
  key.origin_detail = std::move(origin_detail);
  return {};
}

Status Settings::SetList(Key& key, const YamlNode& sequence, const std::string& where) {
  auto** list = std::get_if<std::vector<std::string>*>(&key.target);
  auto** secrets = std::get_if<std::vector<Secret>*>(&key.target);
  if (list == nullptr && secrets == nullptr) {
    return Error(Code::kInvalidArgument, where + ": " + key.name + " takes one value, not a list");
  }
  std::vector<std::string> items;
  for (const YamlNode& item : sequence.items) {
    if (item.kind != YamlNode::Kind::kScalar) {
      return Error(Code::kInvalidArgument, where + ": " + key.name + " must be a list of plain values");
    }
    items.push_back(item.scalar);
  }
  if (list != nullptr) {
    **list = std::move(items);
  } else {
    (*secrets)->clear();
    for (std::string& item : items) (*secrets)->emplace_back(std::move(item));
  }
  key.origin = Origin::kFile;
  key.origin_detail = where;
  return {};
}

Status Settings::LoadMap(const YamlNode& node, const std::string& prefix, std::string_view file_name) {
  for (size_t i = 0; i < node.map.size(); ++i) {
    const auto& [name, value] = node.map[i];
    const std::string full = prefix.empty() ? name : prefix + "." + name;
    const std::string where = fmt::format("{}:{}", file_name, node.key_lines[i]);
    Key* key = Find(full);
    if (key == nullptr) {
      const bool is_section =
          std::any_of(keys_.begin(), keys_.end(), [&](const Key& k) { return k.name.starts_with(full + "."); });
      if (!is_section) return Error(Code::kInvalidArgument, where + ": unknown key '" + full + "'");
      if (value.kind == YamlNode::Kind::kNull) continue;
      if (value.kind != YamlNode::Kind::kMap) {
        return Error(Code::kInvalidArgument, where + ": '" + full + "' must hold keys");
      }
      TRY(LoadMap(value, full, file_name));
    } else if (value.kind == YamlNode::Kind::kScalar) {
      TRY(Set(*key, value.scalar, Origin::kFile, where));
    } else if (value.kind == YamlNode::Kind::kSequence) {
      TRY(SetList(*key, value, where));
    } else {
      return Error(Code::kInvalidArgument, where + ": " + full + " has no value");
    }
  }
  return {};
}

Status Settings::Load(const YamlNode& file, std::string_view file_name, const Environment& environment,
                      const std::vector<std::pair<std::string, std::string>>& flags) {
  if (file.kind == YamlNode::Kind::kMap) {
    TRY(LoadMap(file, "", file_name));
  } else if (file.kind != YamlNode::Kind::kNull) {
    return Error(Code::kInvalidArgument, fmt::format("{}: must hold sections of keys", file_name));
  }
  for (Key& key : keys_) {
    if (key.options.environment.empty()) continue;
    for (const std::string& name : {key.options.environment, key.options.older_name}) {
      const auto value = name.empty() ? std::nullopt : environment(name);
      if (!value) continue;
      TRY(Set(key, *value, Origin::kEnvironment, environment.OriginOf(name)));
      break;
    }
  }
  for (const auto& [name, value] : flags) {
    Key* key = Find(name);
    CHECK(key != nullptr, "a flag sets a key that is described");
    TRY(Set(*key, value, Origin::kFlag, "--" + name.substr(name.rfind('.') + 1)));
  }
  return {};
}

std::vector<KeyState> Settings::Describe() const {
  std::vector<KeyState> states;
  for (const Key& key : keys_) {
    states.push_back(KeyState{key.name, std::string(std::visit(TypeNames{}, key.target)), key.default_text,
                              std::visit(ValueText{}, key.target), key.origin, key.origin_detail, key.options});
  }
  return states;
}

}  // namespace vigia::config
