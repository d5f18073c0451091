#include "signals/pattern.h"

#include <re2/re2.h>

namespace vigia::signals {

Result<Pattern> Pattern::Compile(const std::string& text) {
  RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_shared<const RE2>(text, options);
  if (!compiled->ok()) {
    return Error(Code::kInvalidArgument, "is not a regular expression: " + compiled->error());
  }
  return Pattern(std::move(compiled));
}

bool Pattern::MatchesAll(std::string_view text) const {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

bool Pattern::FoundIn(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace vigia::signals
