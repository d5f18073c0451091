#include "cli/command.h"

#include <ostream>

namespace vigia::cli {

std::string Context::UserPath(const std::string& path) const {
  if (path.empty() || path.front() == '/' || files.Exists(path)) return path;
  const std::string below = Home(path);
  return files.Exists(below) ? below : path;
}

std::string Context::HomePath(const std::string& path) const {
  return !path.empty() && path.front() == '/' ? path : Home(path);
}

void Context::PrintJson(const Json& document) const { out << PrettyJson(document); }

flags::Command Commands::Add(const std::string& name, const std::string& description, Handler handler) {
  const size_t space = name.find(' ');
  flags::Command parent = program_.Root();
  if (space != std::string::npos) parent = parent.Group(name.substr(0, space));
  flags::Command command = parent.Add(name.substr(space == std::string::npos ? 0 : space + 1), description);
  command.OnChosen([this, handler = std::move(handler)] { chosen_ = handler; });
  return command;
}

void Commands::Describe(const std::string& group, const std::string& description) {
  program_.Root().Group(group).Describe(description);
}

}  // namespace vigia::cli
