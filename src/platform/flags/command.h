// Command lines: a program, its commands, and the flags and arguments of each.
//
//   flags::Program program("vigia", "Serves and operates.", "Examples: …");
//   flags::Command train = program.Root().Add("train", "Train a model");
//   train.Option("--seed", seed, "Same seed, same model").ShowDefault();
//   train.OnChosen([] { … });
//   const flags::Parsed parsed = program.Parse(arguments);
//
// What flags are bound to must live until Parse has returned. Handles are small and copied; they are valid as long as
// their program. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace vigia::flags {

// A flag or an argument; the calls return it, so that they can be chained.
class Flag {
 public:
  explicit Flag(CLI::Option& option) : option_(&option) {}

  Flag Required();
  Flag OneOf(std::vector<std::string> choices);
  Flag Between(int64_t least, int64_t most);  // both allowed
  Flag BetweenReal(double least, double most);
  Flag NotNegative();
  Flag SplitAt(char delimiter);        // "2022,2023" as two values
  Flag ShowDefault();                  // the bound value, as it is now, in the help
  Flag ShowDefault(std::string text);  // this text instead
  Flag Excludes(Flag other);

 private:
  CLI::Option* option_;
};

// A command, or a group of commands.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  // `names`: "--out", "--to,-t", or a bare word for an argument by position. T: std::string, bool, int, unsigned,
  // int64_t, uint16_t, uint64_t, double, std::optional of string, int, unsigned, int64_t, uint64_t or double, or
  // std::vector of string, int or unsigned.
  template <typename T>
  Flag Option(const std::string& names, T& value, const std::string& help);
  // Without a value: true when it stands there.
  Flag Switch(const std::string& names, bool& value, const std::string& help);
  // Each time that it stands there.
  Flag Each(const std::string& names, std::function<void(const std::string&)> take, const std::string& help);

  Command Footer(const std::string& text);  // below the help; examples
  Command Describe(const std::string& description);
  Command Hide();  // neither in the help nor among the Places: for our own programs
  // The flags of the program may stand behind this command's too.
  Command Add(const std::string& name, const std::string& description);
  // As Add, or the one that is there; one of its commands must be named.
  Command Group(const std::string& name);
  // Runs in Parse when the command line chose this command and is right.
  void OnChosen(std::function<void()> run);
  // All that follows this command is kept as it is, also flags and --help: Rest() after Parse.
  void TakeRest();
  std::vector<std::string> Rest() const;

 private:
  CLI::App* app_;
};

// How parsing ended.
struct Parsed {
  enum class Outcome { kRun, kHelp, kUsage } outcome = Outcome::kRun;
  std::string text;   // kHelp: help or version, to be printed; kUsage: one line that says what is wrong
  std::string where;  // kUsage: the command whose --help tells more, "vigia registry list"
};

class Program {
 public:
  Program(const std::string& name, const std::string& description);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  Command Root();
  // --version prints this; without it there is no such flag.
  void Version(const std::string& text);
  void RequireCommand();
  // `arguments`: without the program's own name. At most once.
  Parsed Parse(std::vector<std::string> arguments);

  // What may stand at each place: for shells that complete.
  struct Place {
    std::string path;                // "", "registry", "registry list"
    std::vector<std::string> words;  // commands, and flags with their dashes
  };
  std::vector<Place> Places() const;

 private:
  const std::unique_ptr<CLI::App> app_;
};

}  // namespace vigia::flags
