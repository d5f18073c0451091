#include "config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/text.h"

namespace vigia::config {

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const auto& [name, node] : map) {
    if (name == key) return &node;
  }
  return nullptr;
}

std::optional<int64_t> YamlNode::AsInteger() const {
  if (kind != Kind::kScalar || quoted) return std::nullopt;
  return ParseInteger(scalar);
}

std::optional<double> YamlNode::AsNumber() const {
  if (kind != Kind::kScalar || quoted) return std::nullopt;
  return ParseNumber(scalar);
}

std::optional<bool> YamlNode::AsBool() const {
  if (kind != Kind::kScalar || quoted) return std::nullopt;
  const std::string lower = ToLowerAscii(scalar);
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr int kMaxDepth = 100;
constexpr int kMaxNodes = 100000;  // after anchors: a "billion laughs" stops here

class Converter {
 public:
  explicit Converter(std::string_view name) : name_(name) {}

  Result<YamlNode> Convert(const YAML::Node& from, int depth) {
    const int line = from.Mark().line + 1;
    if (depth > kMaxDepth || ++nodes_ > kMaxNodes) return At(line, "too deep or too large");
    if (from.Tag() != "?" && from.Tag() != "!" && !from.Tag().empty()) return At(line, "tags are not allowed");
    YamlNode to;
    to.line = line;
    if (from.IsScalar()) {
      to.kind = YamlNode::Kind::kScalar;
      to.scalar = from.Scalar();
      to.quoted = from.Tag() == "!";
    } else if (from.IsSequence()) {
      to.kind = YamlNode::Kind::kSequence;
      for (const YAML::Node& item : from) to.items.push_back(TRY(Convert(item, depth + 1)));
    } else if (from.IsMap()) {
      to.kind = YamlNode::Kind::kMap;
      for (const auto& entry : from) TRY(AddEntry(entry.first, entry.second, depth, to));
    }
    return to;
  }

 private:
  Error At(int line, std::string_view what) const {
    return Error(Code::kInvalidArgument, fmt::format("{}:{}: {}", name_, line, what));
  }

  Status AddEntry(const YAML::Node& key, const YAML::Node& value, int depth, YamlNode& to) {
    const int line = key.Mark().line + 1;
    if (!key.IsScalar()) return At(line, "a key must be plain text");
    if (to.Find(key.Scalar()) != nullptr) return At(line, "key '" + key.Scalar() + "' stands twice");
    YamlNode node = TRY(Convert(value, depth + 1));
    to.map.push_back({key.Scalar(), std::move(node)});
    to.key_lines.push_back(line);
    return {};
  }

  std::string_view name_;
  int nodes_ = 0;
};

}  // namespace

Result<YamlNode> ParseYaml(std::string_view text, std::string_view name) {
  if (text.size() > kMaxBytes) {
    return Error(Code::kInvalidArgument, fmt::format("{}: larger than {} bytes", name, kMaxBytes));
  }
  try {
    return Converter(name).Convert(YAML::Load(std::string(text)), 0);
  } catch (const YAML::Exception& error) {
    return Error(Code::kInvalidArgument, fmt::format("{}:{}: {}", name, error.mark.line + 1, error.msg));
  }
}

Json YamlToJson(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull: return nullptr;
    case YamlNode::Kind::kSequence: {
      Json array = Json::array();
      for (const YamlNode& item : node.items) array.push_back(YamlToJson(item));
      return array;
    }
    case YamlNode::Kind::kMap: {
      Json object = Json::object();
      for (const auto& [key, value] : node.map) object[key] = YamlToJson(value);
      return object;
    }
    case YamlNode::Kind::kScalar: break;
  }
  if (const auto integer = node.AsInteger()) return *integer;
  if (const auto number = node.AsNumber()) return *number;
  if (const auto flag = node.AsBool()) return *flag;
  if (!node.quoted && (node.scalar == "~" || node.scalar == "null" || node.scalar.empty())) return nullptr;
  return node.scalar;
}

}  // namespace vigia::config
