#include "config/environment.h"

#include <fmt/format.h>

#include <cctype>

#include "base/text.h"

namespace vigia::config {
namespace {

bool IsName(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) != 0) return false;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') return false;
  }
  return true;
}

bool IsCommentOrNothing(std::string_view text) { return Trim(text).empty() || Trim(text).front() == '#'; }

// The text after the opening quote; nothing when the quote is not closed or something follows it.
std::optional<std::string> Quoted(std::string_view text, char quote) {
  std::string value;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == quote) return IsCommentOrNothing(text.substr(i + 1)) ? std::optional(value) : std::nullopt;
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
      const char c = text[++i];
      value.push_back(c == 'n' ? '\n' : c == 't' ? '\t' : c);
    } else {
      value.push_back(text[i]);
    }
  }
  return std::nullopt;
}

std::optional<std::string> Value(std::string_view text) {
  text = Trim(text);
  if (text.empty() || text.front() == '#') return std::string();
  if (text.front() == '"' || text.front() == '\'') return Quoted(text.substr(1), text.front());
  return std::string(Trim(text.substr(0, text.find(" #"))));
}

}  // namespace

std::optional<std::string> Environment::OfProcess(const std::string& name) const {
  std::optional<std::string> value = process_(name);
  return value && Trim(*value).empty() ? std::nullopt : value;
}

std::optional<std::string> Environment::operator()(const std::string& name) const {
  if (std::optional<std::string> value = OfProcess(name)) return value;
  if (of_files_ == nullptr) return std::nullopt;
  const auto found = of_files_->find(name);
  return found == of_files_->end() ? std::nullopt : std::optional(found->second.value);
}

std::string Environment::OriginOf(const std::string& name) const {
  if (of_files_ == nullptr || OfProcess(name)) return name;
  const auto found = of_files_->find(name);
  return found == of_files_->end() ? name : found->second.origin;
}

Result<Environment> WithEnvFiles(const Environment& process, const Files& files, const std::string& home) {
  auto entries = std::make_shared<std::map<std::string, Environment::Entry>>();
  // The home's is read last, and wins.
  for (const bool in_home : {false, true}) {
    const std::string path = in_home ? JoinPath(home, ".env") : ".env";
    if (!files.Exists(path)) continue;
    const std::string text = TRY(files.Read(path));
    size_t number = 0;
    for (std::string_view line : Split(text, '\n')) {
      const std::string origin = fmt::format("{}:{}", in_home ? ".env" : "./.env", ++number);
      line = Trim(line);
      if (line.starts_with("export ")) line = Trim(line.substr(7));
      if (IsCommentOrNothing(line)) continue;
      const size_t equals = line.find('=');
      const std::string_view name = Trim(line.substr(0, equals));
      const bool whole = equals != std::string_view::npos && IsName(name);
      const std::optional<std::string> value = whole ? Value(line.substr(equals + 1)) : std::nullopt;
      if (!value && in_home) return Error(Code::kInvalidArgument, origin + ": must be NAME=value");
      if (!value) continue;
      if (Trim(*value).empty()) {
        entries->erase(std::string(name));
      } else {
        (*entries)[std::string(name)] = {*value, origin};
      }
    }
  }
  Environment both = process;
  both.of_files_ = std::move(entries);
  return both;
}

}  // namespace vigia::config
