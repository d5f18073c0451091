// A command of `vigia`: one file pair each, listed in commands.cc. Commands parse flags, call a
// module, and print; what they print for people goes to `out`, or with --json one JSON document.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/executor.h"
#include "base/files.h"
#include "base/json.h"
#include "base/progress.h"
#include "base/random.h"
#include "base/result.h"
#include "config/environment.h"
#include "flags/command.h"

namespace vigia::cli {

enum class OutputFormat { kText, kJson };

// The world, as a command sees it. Lives as long as the command.
struct Context {
  std::string home;  // all state lives here (--home, VIGIA_HOME, ./var)
  OutputFormat format = OutputFormat::kText;
  Files& files;
  const Clock& clock;
  Entropy& entropy;
  Executor& executor;
  Progress& progress;               // a bar on a terminal, nothing elsewhere
  config::Environment environment;  // with the .env files behind it
  std::ostream& out;
  std::ostream& err;         // notes for people; errors are printed by main
  bool interactive = false;  // a person sits at the terminal and may be asked

  // A path below the home: Home("models/registry").
  std::string Home(std::string_view below) const { return JoinPath(home, below); }
  // A path that a person typed: absolute, or below the working directory when it exists there,
  // else below the home (the runbooks name files that way).
  std::string UserPath(const std::string& path) const;
  // Where a relative default or output path goes: absolute as it is, else below the home.
  std::string HomePath(const std::string& path) const;

  bool json() const { return format == OutputFormat::kJson; }
  void PrintJson(const Json& document) const;  // one document, and a newline
};

// The exit code: 0 success, 1 refused or failed. An Error prints one line and exits with 1.
using Handler = std::function<Result<int>(Context&)>;

// Collects what the parsed command line chose.
class Commands {
 public:
  explicit Commands(flags::Program& program) : program_(program) {}

  // Adds `name` ("train", or "registry list" below the group "registry") and returns it for options.
  // `handler` runs after parsing when this command was chosen.
  flags::Command Add(const std::string& name, const std::string& description, Handler handler);
  // Text for a group that Add made on the way: Describe("registry", "Versions of the model").
  void Describe(const std::string& group, const std::string& description);

  const flags::Program& program() const { return program_; }
  const Handler& chosen() const { return chosen_; }

 private:
  flags::Program& program_;
  Handler chosen_;
};

}  // namespace vigia::cli
