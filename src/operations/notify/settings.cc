#include "notify/settings.h"

namespace vigia::notify {

Secret ReadSecret(config::MapReader& reader, std::string_view key, const ChannelWorld& world) {
  const config::YamlNode* node = reader.Child(key);
  if (node == nullptr) return {};
  if (node->kind == config::YamlNode::Kind::kScalar) return Secret(node->scalar);
  config::MapReader from(*node, reader.file(), "'" + std::string(key) + "'", reader.problems());
  const std::string variable = from.Text("env");
  const std::string path = from.Text("file");
  from.Finish();
  if (variable.empty() == path.empty()) {
    reader.Add(node->line, "'" + std::string(key) + "' must be a text, {env: NAME} or {file: PATH}");
    return {};
  }
  if (!variable.empty()) {
    if (auto value = world.environment(variable)) return Secret(*std::move(value));
    reader.Add(node->line, "the environment variable " + variable + " is not set");
    return {};
  }
  const auto bytes = world.files.Read(path);
  if (!bytes.ok()) {
    reader.Add(node->line, bytes.error().message());
    return {};
  }
  return Secret(bytes->substr(0, bytes->find_first_of("\r\n")));
}

Secret ReadRequiredSecret(config::MapReader& reader, std::string_view key, const ChannelWorld& world) {
  if (!reader.Has(key)) reader.Add(reader.line(), "'" + std::string(key) + "' is missing");
  return ReadSecret(reader, key, world);
}

}  // namespace vigia::notify
