#include "cli/app.h"

#include <ostream>

#include "cli/commands.h"

namespace vigia::cli {

namespace {

constexpr const char* kDescription =
    "Vigia serves machine-learning services and carries out their runbooks.\n"
    "Exit codes: 0 success, 1 refused or failed (one line says why), 2 usage.";

constexpr const char* kExamples =
    "Examples:\n"
    "  vigia dataset build --source PEDE.xlsx    make the training set\n"
    "  vigia train --seed 42                     train, compare, calibrate, report\n"
    "  vigia registry register --version v1.0.0  keep what was trained\n"
    "  vigia registry promote --version v1.0.0   make it the champion\n"
    "  vigia serve risk --port 8000              answer requests with the champion\n";

// The first line only: one error, one line.
std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// The command that was typed where the program has none of this name; empty: there is none such.
std::string UnknownCommand(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  if (at->get_subcommands([](const CLI::App*) { return true; }).empty()) return "";
  const std::vector<std::string> unknown = app.remaining(true);
  return unknown.empty() || unknown.front().starts_with('-') ? "" : unknown.front();
}

int UsageError(const CLI::App& app, const CLI::ParseError& error, std::ostream& err) {
  std::string where = "vigia";
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    where += " " + at->get_name();
  }
  const std::string unknown = UnknownCommand(app);
  const bool is_command = !unknown.empty() && (error.get_name() == "RequiredError" || error.get_exit_code() == 0);
  const std::string what = is_command ? "unknown command '" + unknown + "'" : FirstLine(error.what());
  err << "vigia: " << what << " (see " << where << " --help)\n";
  return 2;
}

}  // namespace

std::string NormalizeFlag(const std::string& argument) {
  if (argument.size() < 3 || !argument.starts_with("--")) return argument;
  std::string flag = argument;
  for (char& c : flag) {
    if (c == '=') break;
    if (c == '_') c = '-';
  }
  return flag;
}

int Run(std::vector<std::string> arguments, const World& world) {
  bool after_separator = false;
  for (std::string& argument : arguments) {
    after_separator = after_separator || argument == "--";
    if (!after_separator) argument = NormalizeFlag(argument);
  }
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them last first

  CLI::App app(kDescription, "vigia");
  app.footer(kExamples);
  app.set_version_flag("--version", "vigia " VIGIA_VERSION);
  app.require_subcommand(1);
  std::string home = world.environment("VIGIA_HOME").value_or("./var");
  bool json = false;
  app.add_option("--home", home, "Folder that holds all state (or VIGIA_HOME)")->capture_default_str();
  app.add_flag("--json", json, "Print one JSON document instead of text");

  Commands commands(app);
  AddAllCommands(commands);
  try {
    app.parse(arguments);
  } catch (const CLI::Success& success) {  // --help, --version
    if (!UnknownCommand(app).empty()) return UsageError(app, success, world.err);
    return app.exit(success, world.out, world.err);
  } catch (const CLI::ParseError& error) {
    return UsageError(app, error, world.err);
  }

  const auto environment = config::WithEnvFiles(world.environment, world.files, home);
  if (!environment.ok()) {
    world.err << "vigia: " << environment.error().message() << "\n";
    return 1;
  }
  Context context{home,
                  json ? OutputFormat::kJson : OutputFormat::kText,
                  world.files,
                  world.clock,
                  world.entropy,
                  world.executor,
                  world.progress,
                  *environment,
                  world.out,
                  world.err,
                  world.interactive};
  const Result<int> outcome = commands.chosen()(context);
  world.progress.End();
  if (outcome.ok()) return *outcome;
  world.err << "vigia: " << FirstLine(outcome.error().message()) << "\n";
  return 1;
}

}  // namespace vigia::cli
