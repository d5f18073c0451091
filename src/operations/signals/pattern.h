// Regular expressions as Prometheus and Alertmanager have them (RE2's syntax): time linear in the text, whoever wrote
// the pattern; no back-references, no look-around.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace vigia::signals {

// Immutable; copies share what was compiled. Thread-safe.
class Pattern {
 public:
  // kInvalidArgument: not a regular expression, with what is wrong about it.
  static Result<Pattern> Compile(const std::string& text);

  bool MatchesAll(std::string_view text) const;  // anchored at both ends
  bool FoundIn(std::string_view text) const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace vigia::signals
