#include "risk/predict_request.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace vigia::risk {

namespace dom = simdjson::dom;

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kMaxDepth = 64;
constexpr size_t kLargestKept = 256 * 1024;  // a parser that saw a larger body gives its memory back
constexpr int kFirstYear = 1990, kLastYear = 2100;

// A key as an error may show it: a client's mistake, not its data.
std::string Shown(std::string_view key) {
  const bool plain = !key.empty() && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == ' ';
  });
  return plain ? "'" + std::string(key) + "'" : "with an unprintable name";
}

Error Wrong(size_t instance, std::string_view key, std::string_view what) {
  return Error(Code::kInvalidArgument, fmt::format("instance {}: feature {} {}", instance, Shown(key), what));
}

// Copies the text with NaN, Infinity and -Infinity outside strings replaced by null.
// False when there were none.
bool ReplaceNonFinite(std::string_view text, std::string& out) {
  bool replaced = false, in_string = false;
  out.clear();
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

}  // namespace

void Rows::Begin(size_t row_width) {
  count = 0;
  width = row_width;
  words = (row_width + 63) / 64;
  values.clear();
  years.clear();
  missing.clear();
  ignored.clear();
  explain = false;
}

void Rows::AddRow() {
  ++count;
  values.resize(count * width, kMissing);
  years.push_back(0);
  missing.resize(count * words, ~uint64_t{0});
  if (width % 64 != 0) missing.back() = (uint64_t{1} << (width % 64)) - 1;
}

struct PredictParser::State {
  dom::parser parser;
  std::string clean;  // the body without NaN literals, and padding
  // Clients send the same keys in the same order: what the key at each place meant last time.
  struct Hint {
    std::string key;
    FeatureName name;
  };
  std::vector<Hint> hints;
  std::vector<uint64_t> seen;  // of one instance: which features came, null or not

  Result<dom::element> ParseJsonText(std::string_view body);
  FeatureName Resolve(const ServedModel& model, size_t place, std::string_view key);
  Status ReadInstance(dom::element element, const ServedModel& model, const PredictSettings& settings, Rows& rows);
  Status BeginInstance(const PredictSettings& settings, Rows& rows);
  Status ReadField(size_t place, std::string_view key, dom::element value, const ServedModel& model,
                   const PredictSettings& settings, Rows& rows);
  Status ReadUnknown(std::string_view key, const PredictSettings& settings, Rows& rows);
  Status ReadList(dom::array instances, const ServedModel& model, const PredictSettings& settings, Rows& rows);
  Status ReadSplit(dom::element split, const ServedModel& model, const PredictSettings& settings, Rows& rows);
  Status SetYear(size_t instance, std::string_view key, dom::element value, Rows& rows);
};

PredictParser::PredictParser() : state_(std::make_unique<State>()) {}
PredictParser::~PredictParser() = default;
void PredictParser::Forget() { state_->hints.clear(); }

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

FeatureName PredictParser::State::Resolve(const ServedModel& model, size_t place, std::string_view key) {
  if (place < hints.size() && hints[place].key == key) return hints[place].name;
  const FeatureName name = model.Resolve(key);
  if (place < 128 && key.size() <= 64) {
    if (place >= hints.size()) hints.resize(place + 1);
    hints[place] = {std::string(key), name};
  }
  return name;
}

namespace {

// A number for feature `raw`; kMissing for null.
Result<double> ReadNumber(size_t instance, std::string_view key, const features::RawFeature& raw, dom::element value) {
  double number = 0;
  switch (value.type()) {
    case dom::element_type::DOUBLE: number = value.get_double().value_unsafe(); break;
    case dom::element_type::INT64: number = static_cast<double>(value.get_int64().value_unsafe()); break;
    case dom::element_type::UINT64: number = static_cast<double>(value.get_uint64().value_unsafe()); break;
    case dom::element_type::NULL_VALUE: return kMissing;
    default: return Wrong(instance, key, "must be a number or null");
  }
  if (raw.type == features::FeatureType::kInteger && number != std::floor(number)) {
    return Wrong(instance, key, "must be a whole number");
  }
  if (number < raw.min || number > raw.max) {
    return Wrong(instance, key, fmt::format("must be between {} and {}", raw.min, raw.max));
  }
  return number;
}

Result<double> ReadCategory(size_t instance, std::string_view key, size_t feature, const ServedModel& model,
                            dom::element value) {
  if (value.is_null()) return kMissing;
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return Wrong(instance, key, "must be a text or null");
  const double code = model.LevelCode(feature, text);
  if (!std::isnan(code)) return code;
  return Wrong(instance, key, "is none of the categories: " + Join(model.spec().raw[feature].levels, ", "));
}

}  // namespace

Status PredictParser::State::SetYear(size_t instance, std::string_view key, dom::element value, Rows& rows) {
  int64_t year = 0;
  if (value.is_null()) return {};
  if (value.get_int64().get(year) != simdjson::SUCCESS) return Wrong(instance, key, "must be a whole number");
  if (year < kFirstYear || year > kLastYear) {
    return Wrong(instance, key, fmt::format("must be between {} and {}", kFirstYear, kLastYear));
  }
  int& known = rows.years.back();
  if (known != 0 && known != year) {
    return Error(Code::kInvalidArgument, fmt::format("instance {}: its features speak of different years", instance));
  }
  known = static_cast<int>(year);
  return {};
}

Status PredictParser::State::ReadInstance(dom::element element, const ServedModel& model,
                                          const PredictSettings& settings, Rows& rows) {
  TRY(BeginInstance(settings, rows));
  dom::object object;
  if (element.get_object().get(object) != simdjson::SUCCESS) {
    return Error(Code::kInvalidArgument, fmt::format("instance {}: must be an object of features", rows.count));
  }
  size_t place = 0;
  for (const dom::key_value_pair field : object) {
    TRY(ReadField(place++, field.key, field.value, model, settings, rows));
  }
  return {};
}

Status PredictParser::State::BeginInstance(const PredictSettings& settings, Rows& rows) {
  if (rows.count == settings.max_instances) {
    return Error(Code::kInvalidArgument, fmt::format("there are more than {} instances", settings.max_instances));
  }
  rows.AddRow();
  seen.assign(rows.words, 0);
  return {};
}

Status PredictParser::State::ReadUnknown(std::string_view key, const PredictSettings& settings, Rows& rows) {
  if (settings.extra_features == ExtraFeatures::kReject) return Wrong(rows.count, key, "is not one of the model's");
  const std::string shown = Shown(key);
  const bool known = std::find(rows.ignored.begin(), rows.ignored.end(), shown) != rows.ignored.end();
  if (rows.ignored.size() < 32 && !known) rows.ignored.push_back(shown);
  return {};
}

// One key and value of the last row.
Status PredictParser::State::ReadField(size_t place, std::string_view key, dom::element value, const ServedModel& model,
                                       const PredictSettings& settings, Rows& rows) {
  const size_t instance = rows.count;
  const FeatureName name = Resolve(model, place, key);
  switch (name.kind) {
    case FeatureName::Kind::kTolerated: return {};
    case FeatureName::Kind::kYear: return SetYear(instance, key, value, rows);
    case FeatureName::Kind::kUnknown: return ReadUnknown(key, settings, rows);
    case FeatureName::Kind::kFeature: break;
  }
  int& year = rows.years.back();
  if (name.year != 0 && year != 0 && year != name.year) {
    return Error(Code::kInvalidArgument, fmt::format("instance {}: its features speak of different years", instance));
  }
  if (name.year != 0) year = name.year;
  const size_t feature = name.feature;
  const uint64_t bit = uint64_t{1} << (feature % 64);
  if ((seen[feature / 64] & bit) != 0) return Wrong(instance, key, "comes twice");
  seen[feature / 64] |= bit;
  const features::RawFeature& raw = model.spec().raw[feature];
  const bool category = raw.type == features::FeatureType::kCategory;
  const double read = category ? TRY(ReadCategory(instance, key, feature, model, value))
                               : TRY(ReadNumber(instance, key, raw, value));
                               if (std::isnan(read)) return {};
                               rows.values[(instance - 1) * rows.width + feature] = read;
                               rows.missing[(instance - 1) * rows.words + feature / 64] &= ~bit;
                               return {};
}

Status PredictParser::State::ReadList(dom::array instances, const ServedModel& model, const PredictSettings& settings,
                                      Rows& rows) {
  if (instances.begin() == instances.end()) return Error(Code::kInvalidArgument, "there are no instances");
  for (const dom::element instance : instances) TRY(ReadInstance(instance, model, settings, rows));
  return {};
}

// {"columns": [...], "data": [[...], ...]}
Status PredictParser::State::ReadSplit(dom::element split, const ServedModel& model, const PredictSettings& settings,
                                       Rows& rows) {
  dom::array columns, data;
  if (split["columns"].get_array().get(columns) != simdjson::SUCCESS ||
      split["data"].get_array().get(data) != simdjson::SUCCESS) {
    return Error(Code::kInvalidArgument, "'dataframe_split' must have the lists 'columns' and 'data'");
  }
  std::vector<std::string_view> names;
  for (const dom::element column : columns) {
    std::string_view name;
    if (column.get_string().get(name) != simdjson::SUCCESS) {
      return Error(Code::kInvalidArgument, "'columns' must be names");
    }
    names.push_back(name);
  }
  if (data.begin() == data.end()) return Error(Code::kInvalidArgument, "there are no instances");
  for (const dom::element line : data) {
    TRY(BeginInstance(settings, rows));
    dom::array values;
    if (line.get_array().get(values) != simdjson::SUCCESS || values.size() != names.size()) {
      return Error(Code::kInvalidArgument, fmt::format("instance {}: must have a value per column", rows.count));
    }
    size_t place = 0;
    for (const dom::element value : values) {
      TRY(ReadField(place, names[place], value, model, settings, rows));
      ++place;
    }
  }
  return {};
}

Status PredictParser::ParseInvocation(std::string_view body, const ServedModel& model, const PredictSettings& settings,
                                      Rows& rows) {
  rows.Begin(model.spec().raw.size());
  const dom::element root = TRY(state_->ParseJsonText(body));
  const char* found = nullptr;
  dom::element content;
  for (const char* key : {"instances", "dataframe_records", "dataframe_split", "inputs"}) {
    dom::element here;
    if (root[key].get(here) != simdjson::SUCCESS) continue;
    if (found != nullptr) return Error(Code::kInvalidArgument, "the body must have exactly one kind of input");
    found = key;
    content = here;
  }
  if (found == nullptr) {
    return Error(Code::kInvalidArgument,
                 "the body must have 'dataframe_split', 'dataframe_records', 'instances' or 'inputs'");
  }
  if (std::string_view(found) == "dataframe_split") return state_->ReadSplit(content, model, settings, rows);
  dom::array list;
  if (content.get_array().get(list) == simdjson::SUCCESS) return state_->ReadList(list, model, settings, rows);
  return Error(Code::kInvalidArgument, fmt::format("'{}' must be a list of objects", found));
}

Status PredictParser::Parse(std::string_view body, const ServedModel& model, const PredictSettings& settings,
                            Rows& rows) {
  rows.Begin(model.spec().raw.size());
  const dom::element root = TRY(state_->ParseJsonText(body));
  dom::object object;
  if (root.get_object().get(object) != simdjson::SUCCESS) {
    return Error(Code::kInvalidArgument, "the body must be an object with a list 'instances'");
  }
  dom::array instances;
  if (object["instances"].get_array().get(instances) != simdjson::SUCCESS) {
    return Error(Code::kInvalidArgument, "the body must have a list 'instances'");
  }
  dom::element explain;
  if (object["explain"].get(explain) == simdjson::SUCCESS &&
      explain.get_bool().get(rows.explain) != simdjson::SUCCESS) {
    return Error(Code::kInvalidArgument, "'explain' must be true or false");
  }
  return state_->ReadList(instances, model, settings, rows);
}

}  // namespace vigia::risk
