// Variables of the environment, and of .env files behind them: what the process was given counts before what stands in
// a file, and the home's file before the one of the working directory.
#pragma once

#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

namespace vigia::config {

// Copies are cheap and share what was read. Thread-safe when the lookup is.
class Environment {
 public:
  using Lookup = std::function<std::optional<std::string>(const std::string&)>;

  // From anything that looks a variable up; implicit, so that a lambda will do.
  template <typename F>
  requires(!std::same_as<std::remove_cvref_t<F>, Environment> && std::constructible_from<Lookup, F>)
      Environment(F&& process)
      : process_(std::forward<F>(process)) {}

  // Unset or white space only is nothing: shells, compose files and cleared lines of .env leave such variables behind.
  std::optional<std::string> operator()(const std::string& name) const;
  // Where the value comes from: the variable's name, or ".env:3".
  std::string OriginOf(const std::string& name) const;

 private:
  friend Result<Environment> WithEnvFiles(const Environment& process, const Files& files, const std::string& home);
  struct Entry {
    std::string value;
    std::string origin;
  };
  std::optional<std::string> OfProcess(const std::string& name) const;

  Lookup process_;
  std::shared_ptr<const std::map<std::string, Entry>> of_files_;  // null: none
};

// Adds <home>/.env and ./.env, when they exist. A line is NAME=value, with `export` before it if you like; the value is
// as it stands up to " #", 'as it stands', or "with \n, \t, \" and \\"; # begins a comment; of two lines the last
// counts. The home's file must be so; in the working directory's, which may be another program's, other lines are
// passed over. Errors name file and line and never a value.
Result<Environment> WithEnvFiles(const Environment& process, const Files& files, const std::string& home);

}  // namespace vigia::config
