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

CLI::App* Commands::Group(const std::string& name) {
  const auto existing = app_.get_subcommands([&](CLI::App* app) { return app->get_name() == name; });
  if (!existing.empty()) return existing.front();
  CLI::App* group = app_.add_subcommand(name);
  group->require_subcommand(1);
  group->footer("");
  group->fallthrough();  // so that --home and --json may stand anywhere
  return group;
}

CLI::App* Commands::Add(const std::string& name, const std::string& description, Handler handler) {
  const size_t space = name.find(' ');
  CLI::App* parent = space == std::string::npos ? &app_ : Group(name.substr(0, space));
  CLI::App* command = parent->add_subcommand(name.substr(space == std::string::npos ? 0 : space + 1), description);
  command->fallthrough();
  command->footer("");  // CLI11 would repeat the program's
  command->final_callback([this, handler = std::move(handler)] { chosen_ = handler; });
  return command;
}

void Commands::Describe(const std::string& group, const std::string& description) {
  Group(group)->description(description);
}

}  // namespace vigia::cli
