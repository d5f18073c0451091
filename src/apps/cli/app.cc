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

  flags::Program program("vigia", kDescription);
  program.Version("vigia " VIGIA_VERSION);
  program.RequireCommand();
  std::string home = world.environment("VIGIA_HOME").value_or("./var");
  bool json = false;
  flags::Command root = program.Root().Footer(kExamples);
  root.Option("--home", home, "Folder that holds all state (or VIGIA_HOME)").ShowDefault();
  root.Switch("--json", json, "Print one JSON document instead of text");

  Commands commands(program);
  AddAllCommands(commands);
  const flags::Parsed parsed = program.Parse(std::move(arguments));
  if (parsed.outcome == flags::Parsed::Outcome::kHelp) {
    world.out << parsed.text;
    return 0;
  }
  if (parsed.outcome == flags::Parsed::Outcome::kUsage) {
    world.err << "vigia: " << parsed.text << " (see " << parsed.where << " --help)\n";
    return 2;
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
