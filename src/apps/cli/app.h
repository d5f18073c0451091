// The program `vigia`: parses arguments, runs one command, maps its outcome to an exit code.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace vigia::cli {

// What main passes in; everything else of Context comes from the flags.
struct World {
  Files& files;
  const Clock& clock;
  Entropy& entropy;
  Executor& executor;
  Progress& progress;
  std::function<std::optional<std::string>(const std::string&)> environment;
  std::ostream& out;
  std::ostream& err;
  bool interactive = false;
};

// `arguments` without the program's name. 0 success, 1 refused or failed (one line on err), 2 usage.
int Run(std::vector<std::string> arguments, const World& world);

// --model_version and --model-version are the same flag: underscores in flag names become dashes.
std::string NormalizeFlag(const std::string& argument);

}  // namespace vigia::cli
