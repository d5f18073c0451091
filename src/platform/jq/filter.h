// Conditions and templates: jq expressions over one JSON document.
// Only what ends and only what is in the document: no def, no import, no env, no input, no loops
// (range, while, until, repeat, recurse, ..).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace vigia::jq {

enum class Verdict { kTrue, kFalse, kUnknown };  // unknown: null, or an error such as a comparison with nothing

// When the interpreter gets an expression. kFirstUse is for expressions that are known to compile: what is
// wrong with one is then an error of its first Run.
enum class Compiling { kNow, kFirstUse };

// Compiled once (tens of milliseconds), run often (microseconds). Movable. A plain path (.labels.service)
// needs no interpreter and costs nothing.
// One thread at a time: running changes the interpreter inside.
class Filter {
 public:
  // Errors say in one line what is wrong with the expression.
  static Result<Filter> Compile(std::string_view expression, Compiling when = Compiling::kNow);

  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;
  ~Filter();

  const std::string& expression() const { return expression_; }
  // The first value, or null when there is none.
  Result<Json> Run(const Json& document) const;
  // true and false as they are; null, no value and errors are unknown; any other value is an unknown too.
  Verdict Test(const Json& document) const;

 private:
  struct State;
  Filter(std::string expression, std::unique_ptr<State> state);
  std::string expression_;
  std::unique_ptr<State> state_;
};

// Text with {{ expression }} parts: "restart {{ .labels.service }}". Strings go in as they are,
// numbers and booleans as JSON; null, arrays and objects are errors.
class Template {
 public:
  static Result<Template> Compile(std::string_view text, Compiling when = Compiling::kNow);
  const std::string& text() const { return text_; }
  Result<std::string> Render(const Json& document) const;

 private:
  struct Part {
    std::string literal;
    std::shared_ptr<const Filter> filter;  // shared by copies of the template
  };
  std::string text_;
  std::vector<Part> parts_;
};

}  // namespace vigia::jq
