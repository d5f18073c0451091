#include "risk/request_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "risk/parser_state.h"

namespace vigia::risk {

namespace {

constexpr size_t kMaxDepth = 64;
constexpr size_t kLargestKept = 512 * 1024;  // a parser that saw a larger body gives its memory back

// Copies the text with NaN, Infinity and -Infinity outside strings replaced by null.
// False when there were none.
bool ReplaceNonFinite(std::string_view text, std::string& out) {
  bool replaced = false, in_string = false;
  out.clear();
  // Most that is no JSON has neither, and is refused without a copy.
  if (text.find("NaN") == std::string_view::npos && text.find("Infinity") == std::string_view::npos) return false;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\' && i + 1 < text.size()) out.push_back(text[i++]);
      in_string = c != '"';
      out.push_back(text[i++]);
      continue;
    }
    const std::string_view rest = text.substr(i);
    const size_t length = rest.starts_with("NaN")         ? 3
                          : rest.starts_with("Infinity")  ? 8
                          : rest.starts_with("-Infinity") ? 9
                          : rest.starts_with("-NaN")      ? 4
                                                          : 0;
    if (length > 0) {
      out += "null";
      i += length;
      replaced = true;
      continue;
    }
    in_string = c == '"';
    out.push_back(c);
    ++i;
  }
  return replaced;
}

// Whether the text begins more than `most` objects, outside of strings. Texts that cannot are let pass by a count that
// takes little; of the others no more is looked at than shows it.
bool HasMoreObjects(std::string_view text, size_t most) {
  if (static_cast<size_t>(std::count(text.begin(), text.end(), '{')) <= most) return false;
  size_t objects = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && text[i] == '{' && ++objects > most) {
      return true;
    }
  }
  return false;
}

}  // namespace

PredictParser::PredictParser() : state_(std::make_unique<State>()) {}
PredictParser::~PredictParser() = default;
void PredictParser::Forget() { state_->builder.Forget(); }

Result<dom::element> PredictParser::State::ParseJsonText(std::string_view body) {
  if (parser.capacity() > kLargestKept && body.size() < kLargestKept) parser = dom::parser();
  if (parser.max_depth() != kMaxDepth &&
      parser.allocate(std::max<size_t>(body.size(), 4096), kMaxDepth) != simdjson::SUCCESS) {
    return Error(Code::kResourceExhausted, "no memory for a request of this size");
  }
  dom::element root;
  auto error = parser.parse(body.data(), body.size(), false).get(root);
  if (error != simdjson::SUCCESS && error != simdjson::CAPACITY && ReplaceNonFinite(body, clean)) {
    const size_t size = clean.size();
    clean.append(simdjson::SIMDJSON_PADDING, ' ');
    error = parser.parse(clean.data(), size, false).get(root);
  }
  if (clean.capacity() > kLargestKept) std::string().swap(clean);
  if (error == simdjson::SUCCESS) return root;
  return Error(Code::kInvalidArgument, "the body is not valid JSON");
}

Cell CellOf(dom::element value) {
  switch (value.type()) {
    case dom::element_type::DOUBLE: return Cell::Number(value.get_double().value_unsafe());
    case dom::element_type::INT64: return Cell::Number(static_cast<double>(value.get_int64().value_unsafe()));
    case dom::element_type::UINT64: return Cell::Number(static_cast<double>(value.get_uint64().value_unsafe()));
    case dom::element_type::STRING: return Cell::Text(value.get_string().value_unsafe());
    case dom::element_type::NULL_VALUE: return Cell::Missing();
    default: return Cell::Other();
  }
}

Status PredictParser::State::ReadInstance(dom::element element) {
  TRY(builder.BeginRow());
  dom::object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) {
    return Error(Code::kInvalidArgument, fmt::format("instance {}: must be an object of features", builder.count()));
  }
  size_t place = 0;
  for (const dom::key_value_pair field : object) TRY(builder.Put(place++, field.key, CellOf(field.value)));
  return {};
}

Status PredictParser::State::ReadList(dom::array instances) {
  if (instances.begin() == instances.end()) return Error(Code::kInvalidArgument, "there are no instances");
  for (const dom::element instance : instances) TRY(ReadInstance(instance));
  return {};
}

Status PredictParser::Parse(std::string_view body, const ServedModel& model, const PredictSettings& settings,
                            Rows& rows) {
  state_->builder.Begin(model, settings, rows);
  // A hundred thousand empty objects would hold up everybody for milliseconds only to be refused. Twice as many as
  // there may be, so that one instance too many is still named as such, and a field that is ignored may hold some.
  if (HasMoreObjects(body, 2 * settings.max_instances)) {
    return Error(Code::kInvalidArgument, fmt::format("there are more than {} instances", settings.max_instances));
  }
  const dom::element root = TRY(state_->ParseJsonText(body));
  dom::object object;
  if (root.get_object().get(object) != simdjson::SUCCESS) {
    return Error(Code::kInvalidArgument, "the body must be an object with a list 'instances'");
  }
  // Each at most once: two readers could disagree about which of two counts.
  std::optional<dom::element> list, explain;
  for (const dom::key_value_pair field : object) {
    std::optional<dom::element>* known = field.key == "instances" ? &list : field.key == "explain" ? &explain : nullptr;
    if (known == nullptr) continue;
    if (known->has_value()) return Error(Code::kInvalidArgument, fmt::format("'{}' comes twice", field.key));
    *known = field.value;
  }
  dom::array instances;
  if (!list || list->get_array().get(instances) != simdjson::SUCCESS) {
    return Error(Code::kInvalidArgument, "the body must have a list 'instances'");
  }
  if (explain && explain->get_bool().get(rows.explain) != simdjson::SUCCESS) {
    return Error(Code::kInvalidArgument, "'explain' must be true or false");
  }
  return state_->ReadList(instances);
}

}  // namespace vigia::risk
