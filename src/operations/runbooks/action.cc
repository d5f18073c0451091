#include "runbooks/action.h"

#include <algorithm>
#include <cctype>

namespace vigia::runbooks {
namespace {

// As POSIX shells want it.
std::string Quoted(const std::string& argument) {
  const bool plain = !argument.empty() && std::all_of(argument.begin(), argument.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-./:=,@%+").find(c) != std::string_view::npos;
  });
  if (plain) return argument;
  std::string text = "'";
  for (const char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string TypedCommand(const std::variant<RenderedProgram, RenderedHttp>& command) {
  std::string text;
  if (const auto* program = std::get_if<RenderedProgram>(&command)) {
    for (const std::string& argument : program->arguments) text += (text.empty() ? "" : " ") + Quoted(argument);
    return text;
  }
  const auto& http = std::get<RenderedHttp>(command);
  text = "curl -sS";
  if (http.method != "GET") text += " -X " + http.method;
  for (const auto& [name, value] : http.headers) {
    // A key in a header is nobody's business on a timeline.
    const bool secret = name == "Authorization" || name == "X-API-Key";
    text += " -H " + Quoted(name + ": " + (secret ? "***" : value));
  }
  if (!http.body.empty()) text += " -d " + Quoted(http.body);
  return text + " " + Quoted(http.url);
}

}  // namespace vigia::runbooks
