#include "jq/filter.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"

extern "C" {
#include <jq.h>
}

namespace vigia::jq {
namespace {

// A jq value with an owner. The C API consumes what it is given, hence Copy() at each call; validity, kind,
// number and text are read without consuming it.
class Value {
 public:
  explicit Value(jv value) : value_(value) {}
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  ~Value() { jv_free(value_); }
  jv Copy() const { return jv_copy(value_); }
  jv borrowed() const { return value_; }
  bool valid() const { return jv_is_valid(value_) != 0; }
  jv_kind kind() const { return jv_get_kind(value_); }

 private:
  jv value_;
};

jv FromJson(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean: return jv_bool(json.get<bool>() ? 1 : 0);
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
    case Json::value_t::number_float: return jv_number(json.get<double>());
    case Json::value_t::string: {
      const std::string& text = json.get_ref<const std::string&>();
      return jv_string_sized(text.data(), static_cast<int>(text.size()));
    }
    case Json::value_t::array: {
      jv array = jv_array();
      for (const Json& item : json) array = jv_array_append(array, FromJson(item));
      return array;
    }
    case Json::value_t::object: {
      jv object = jv_object();
      for (const auto& [key, item] : json.items()) {
        object = jv_object_set(object, jv_string_sized(key.data(), static_cast<int>(key.size())), FromJson(item));
      }
      return object;
    }
    default: return jv_null();
  }
}

Json ToJson(const Value& value) {
  switch (value.kind()) {
    case JV_KIND_TRUE: return true;
    case JV_KIND_FALSE: return false;
    case JV_KIND_NUMBER: return jv_number_value(value.borrowed());
    case JV_KIND_STRING: {
      return std::string(jv_string_value(value.borrowed()), static_cast<size_t>(jv_string_length_bytes(value.Copy())));
    }
    case JV_KIND_ARRAY: {
      Json array = Json::array();
      const int length = jv_array_length(value.Copy());
      for (int i = 0; i < length; ++i) array.push_back(ToJson(Value(jv_array_get(value.Copy(), i))));
      return array;
    }
    case JV_KIND_OBJECT: {
      Json object = Json::object();
      const Value keys(jv_keys(value.Copy()));
      const int length = jv_array_length(keys.Copy());
      for (int i = 0; i < length; ++i) {
        const Value key(jv_array_get(keys.Copy(), i));
        object[ToJson(key).get<std::string>()] = ToJson(Value(jv_object_get(value.Copy(), key.Copy())));
      }
      return object;
    }
    default: return nullptr;
  }
}

// What could read something else than the document, never end, or end the process.
constexpr std::array kRefused = {
    "def",      "import",  "include",   "env",        "input",      "inputs",     "input_filename", "input_line_number",
    "debug",    "stderr",  "halt",      "while",      "until",      "repeat",     "recurse",        "recurse_down",
    "range",    "foreach", "reduce",    "label",      "now",        "walk",       "combinations",   "get_search_list",
    "strftime", "mktime",  "localtime", "halt_error", "modulemeta", "fromstream", "limit",
};

bool IsNameStart(char c) { return (std::isalpha(static_cast<unsigned char>(c)) != 0) || c == '_'; }
bool IsNamePart(char c) { return IsNameStart(c) || (std::isdigit(static_cast<unsigned char>(c)) != 0); }

// Walks the expression outside of string literals; names after a dot are keys, not functions.
Status CheckAllowed(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"') {  // interpolation \( … ) would hide an expression in a literal
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] != '\\') continue;
        if (++i < text.size() && text[i] == '(') {
          return Error(Code::kInvalidArgument, "\\( ) inside a text is not allowed in an expression");
        }
      }
      ++i;
    } else if (c == '$' && text.substr(i, 4) == "$ENV") {
      return Error(Code::kInvalidArgument, "$ENV is not allowed in an expression");
    } else if (c == '.' && text.substr(i, 2) == "..") {
      return Error(Code::kInvalidArgument, "'..' is not allowed in an expression");
    } else if (IsNameStart(c)) {
      const size_t start = i;
      while (i < text.size() && IsNamePart(text[i])) ++i;
      const std::string_view name = text.substr(start, i - start);
      const bool is_key = start > 0 && (text[start - 1] == '.' || text[start - 1] == '$');
      if (!is_key && std::find(kRefused.begin(), kRefused.end(), name) != kRefused.end()) {
        return Error(Code::kInvalidArgument, "'" + std::string(name) + "' is not allowed in an expression");
      }
    } else {
      ++i;
      continue;
    }
  }
  return {};
}

std::string FirstLine(const std::string& text) {
  std::string_view line = Trim(text);
  line = line.substr(0, line.find('\n'));
  constexpr std::string_view kPrefix = "jq: error: ";
  if (line.substr(0, kPrefix.size()) == kPrefix) line.remove_prefix(kPrefix.size());
  return std::string(line);
}

void KeepError(void* user, jv message) {
  std::string& into = *static_cast<std::string*>(user);
  if (into.empty() && jv_get_kind(message) == JV_KIND_STRING) into = jv_string_value(message);
  jv_free(message);
}

// ".a.b", ".a[\"b-c\"]": the names. Empty: it is something else.
std::vector<std::string> PlainPath(std::string_view text) {
  std::vector<std::string> names;
  text = Trim(text);
  if (text.size() < 2 || text.front() != '.' || !IsNameStart(text[1])) return {};
  while (!text.empty()) {
    size_t end = 0;
    if (text.front() == '.') {
      end = 1;
      while (end < text.size() && IsNamePart(text[end])) ++end;
      if (end == 1 || !IsNameStart(text[1])) return {};
      names.emplace_back(text.substr(1, end - 1));
    } else if (text.substr(0, 2) == "[\"") {
      end = text.find('"', 2);
      if (end == std::string_view::npos || text.substr(end, 2) != "\"]") return {};
      names.emplace_back(text.substr(2, end - 2));
      if (names.back().find('\\') != std::string::npos) return {};
      end += 2;
    } else {
      return {};
    }
    text.remove_prefix(end);
  }
  return names;
}

}  // namespace

struct Filter::State {
  jq_state* jq = nullptr;              // null: not compiled yet, or a plain path
  std::vector<std::string> path = {};  // of a plain path
  ~State() {
    if (jq != nullptr) jq_teardown(&jq);
  }
  Status Compile(const std::string& text);
  // As jq walks it: null stays null, anything but an object is an error.
  Result<Json> Walk(const Json& document) const;
};

Status Filter::State::Compile(const std::string& text) {
  jq = jq_init();
  CHECK(jq != nullptr, "libjq cannot start");
  std::string message;
  jq_set_error_cb(jq, KeepError, &message);
  const bool compiled = jq_compile(jq, text.c_str()) != 0;
  jq_set_error_cb(
      jq, [](void*, jv ignored) { jv_free(ignored); }, nullptr);
  if (compiled) return {};
  jq_teardown(&jq);
  jq = nullptr;
  return Error(Code::kInvalidArgument, "the expression does not compile: " + FirstLine(message));
}

Result<Json> Filter::State::Walk(const Json& document) const {
  const Json* at = &document;
  for (const std::string& name : path) {
    if (at->is_null()) return Json(nullptr);
    if (!at->is_object()) return Error(Code::kInvalidArgument, "not an object");
    const auto found = at->find(name);
    if (found == at->end()) return Json(nullptr);
    at = &*found;
  }
  return *at;
}

Filter::Filter(std::string expression, std::unique_ptr<State> state)
    : expression_(std::move(expression)), state_(std::move(state)) {}
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;
Filter::~Filter() = default;

Result<Filter> Filter::Compile(std::string_view expression, Compiling when) {
  if (Trim(expression).empty()) return Error(Code::kInvalidArgument, "the expression is empty");
  TRY(CheckAllowed(expression));
  auto state = std::make_unique<State>();
  std::string text(expression);
  state->path = PlainPath(expression);
  if (state->path.empty() && when == Compiling::kNow) TRY(state->Compile(text));
  return Filter(std::move(text), std::move(state));
}

Result<Json> Filter::Run(const Json& document) const {
  const Error unfit(Code::kInvalidArgument,
                    "the expression '" + expression_ + "' cannot be evaluated on this document");
  if (!state_->path.empty()) {
    auto value = state_->Walk(document);
    return value.ok() ? value : Result<Json>(unfit);
  }
  if (state_->jq == nullptr) TRY(state_->Compile(expression_));
  jq_start(state_->jq, FromJson(document), 0);
  const Value first(jq_next(state_->jq));
  if (first.valid()) return ToJson(first);
  const Value failure(jv_invalid_get_msg(first.Copy()));
  if (failure.kind() == JV_KIND_NULL) return Json(nullptr);
  return unfit;
}

Verdict Filter::Test(const Json& document) const {
  const auto value = Run(document);
  if (!value.ok() || !value->is_boolean()) return Verdict::kUnknown;
  return value->get<bool>() ? Verdict::kTrue : Verdict::kFalse;
}

Result<Template> Template::Compile(std::string_view text, Compiling when) {
  Template made;
  made.text_ = text;
  while (!text.empty()) {
    const size_t open = text.find("{{");
    if (open == std::string_view::npos) break;
    const size_t close = text.find("}}", open);
    if (close == std::string_view::npos) return Error(Code::kInvalidArgument, "'{{' without '}}'");
    Filter filter = TRY(Filter::Compile(Trim(text.substr(open + 2, close - open - 2)), when));
    made.parts_.push_back({std::string(text.substr(0, open)), std::make_shared<const Filter>(std::move(filter))});
    text.remove_prefix(close + 2);
  }
  made.parts_.push_back({std::string(text), nullptr});
  return made;
}

Result<std::string> Template::Render(const Json& document) const {
  std::string rendered;
  for (const Part& part : parts_) {
    rendered += part.literal;
    if (part.filter == nullptr) continue;
    const Json value = TRY(part.filter->Run(document));
    if (value.is_string()) {
      rendered += value.get_ref<const std::string&>();
    } else if (value.is_number()) {
      rendered += FormatNumber(value.get<double>());
    } else if (value.is_boolean()) {
      rendered += value.get<bool>() ? "true" : "false";
    } else {
      return Error(Code::kFailedPrecondition, "'{{ " + part.filter->expression() + " }}' gives no text");
    }
  }
  return rendered;
}

}  // namespace vigia::jq
