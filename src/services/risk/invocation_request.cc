// MLflow's scoring requests: JSON in four shapes, and CSV.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/message.h"
#include "risk/parser_state.h"

namespace vigia::risk {

namespace {

Error Invalid(std::string message) { return Error(Code::kInvalidArgument, std::move(message)); }

// {"columns": […], "data": [[…], …]}
Status ReadSplit(dom::element split, RowBuilder& builder) {
  dom::array columns, data;
  if (split["columns"].get_array().get(columns) != simdjson::SUCCESS ||
      split["data"].get_array().get(data) != simdjson::SUCCESS) {
    return Invalid("'dataframe_split' must have the lists 'columns' and 'data'");
  }
  std::vector<std::string_view> names;
  for (const dom::element column : columns) {
    std::string_view name;
    if (column.get_string().get(name) != simdjson::SUCCESS) return Invalid("'columns' must be names");
    names.push_back(name);
  }
  if (data.begin() == data.end()) return Invalid("there are no instances");
  for (const dom::element line : data) {
    TRY(builder.BeginRow());
    dom::array values;
    if (line.get_array().get(values) != simdjson::SUCCESS || values.size() != names.size()) {
      return Invalid(fmt::format("instance {}: must have a value per column", builder.count()));
    }
    size_t place = 0;
    for (const dom::element value : values) {
      TRY(builder.Put(place, names[place], CellOf(value)));
      ++place;
    }
  }
  return {};
}

// {"name": [value, …], …}: lists of one length, each a column.
Status ReadColumns(dom::object columns, RowBuilder& builder) {
  bool first = true;
  for (const dom::key_value_pair column : columns) {
    dom::array values;
    if (column.value.get_array().get(values) != simdjson::SUCCESS) {
      return Invalid(fmt::format("feature {} must be a list of values", ShownName(column.key)));
    }
    if (first) TRY(builder.BeginRows(values.size()));
    first = false;
    if (values.size() != builder.count()) {
      return Invalid(fmt::format("feature {} has another number of values than the first one", ShownName(column.key)));
    }
    const FeatureName name = TRY(builder.BeginColumn(column.key));
    size_t row = 0;
    for (const dom::element value : values) TRY(builder.PutInColumn(row++, column.key, name, CellOf(value)));
  }
  return first ? Status(Invalid("there are no instances")) : Status();
}

// [[value, …], …], in the signature's order.
Status ReadPositions(dom::array list, RowBuilder& builder) {
  const size_t width = builder.model().spec().raw.size();
  for (const dom::element line : list) {
    TRY(builder.BeginRow());
    dom::array values;
    if (line.get_array().get(values) != simdjson::SUCCESS || values.size() != width) {
      return Invalid(fmt::format("instance {}: must be a list of {} values", builder.count(), width));
    }
    size_t feature = 0;
    for (const dom::element value : values) TRY(builder.PutAt(feature++, CellOf(value)));
  }
  return {};
}

// What pandas reads as missing.
bool IsNotAvailable(std::string_view text) {
  constexpr std::array<std::string_view, 17> kNames = {"",     "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN",
                                                       "-NaN", "-nan", "1.#IND",   "NA",  "N/A",     "NULL",
                                                       "NaN",  "None", "n/a",      "nan", "null"};
  return text == "<NA>" || std::find(kNames.begin(), kNames.end(), text) != kNames.end();
}

// Reads RFC 4180 lines: quoted fields may hold commas, line breaks and doubled quotes.
class CsvLines {
 public:
  explicit CsvLines(std::string_view text) : rest_(text) {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
  }

  // The next line that is not empty. False at the end.
  Result<bool> Next(std::vector<std::string>& fields) {
    while (rest_.starts_with('\n') || rest_.starts_with("\r\n")) rest_.remove_prefix(rest_.front() == '\r' ? 2 : 1);
    if (rest_.empty()) return false;
    size_t count = 0;
    for (bool more = true; more; ++count) {
      if (count == fields.size()) fields.emplace_back();
      more = TRY(ReadField(fields[count]));
    }
    fields.resize(count);
    return true;
  }

 private:
  // True: another field follows on this line.
  Result<bool> ReadField(std::string& field) {
    field.clear();
    if (!rest_.starts_with('"')) {
      const size_t end = std::min(rest_.find_first_of(",\n"), rest_.size());
      field = rest_.substr(0, end);
      rest_.remove_prefix(end);
      if (!rest_.starts_with(',') && field.ends_with('\r')) field.pop_back();
      return EndField();
    }
    rest_.remove_prefix(1);
    for (;;) {
      const size_t quote = rest_.find('"');
      if (quote == std::string_view::npos) return Invalid("the CSV has a quote that does not end");
      field += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) break;
      field.push_back('"');
      rest_.remove_prefix(1);
    }
    if (rest_.starts_with("\r\n")) rest_.remove_prefix(1);
    return EndField();
  }

  Result<bool> EndField() {
    if (rest_.empty()) return false;
    const char end = rest_.front();
    if (end != ',' && end != '\n') return Invalid("the CSV has text behind a quoted field");
    rest_.remove_prefix(1);
    return end == ',';
  }

  std::string_view rest_;
};

}  // namespace

Result<InvocationFormat> InvocationFormatOf(std::string_view content_type) {
  const std::vector<std::string_view> parts = Split(content_type, ';');
  const std::string_view type = parts.empty() ? std::string_view() : Trim(parts[0]);
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string_view parameter = Trim(parts[i]);
    if (parameter.empty()) continue;
    const size_t equals = std::min(parameter.find('='), parameter.size());
    if (!http::EqualsIgnoreCase(Trim(parameter.substr(0, equals)), "charset")) {
      return Invalid("the only parameter of the content type is charset");
    }
    const std::string_view charset = equals == parameter.size() ? "" : Trim(parameter.substr(equals + 1));
    const bool utf8 = http::EqualsIgnoreCase(charset, "utf-8") || http::EqualsIgnoreCase(charset, "\"utf-8\"");
    if (!utf8) return Invalid("the only charset is utf-8");
  }
  if (type.empty() || http::EqualsIgnoreCase(type, "application/json")) return InvocationFormat::kJson;
  if (http::EqualsIgnoreCase(type, "text/csv")) return InvocationFormat::kCsv;
  return Invalid("the content type must be application/json or text/csv");
}

Status PredictParser::ParseInvocation(std::string_view body, const ServedModel& model, const PredictSettings& settings,
                                      Rows& rows) {
  RowBuilder& builder = state_->builder;
  builder.Begin(model, settings, rows);
  const dom::element root = TRY(state_->ParseJsonText(body));
  std::string_view found;
  dom::element content;
  for (const std::string_view key : {"instances", "dataframe_records", "dataframe_split", "inputs"}) {
    dom::element here;
    if (root[key].get(here) != simdjson::SUCCESS) continue;
    if (!found.empty()) return Invalid("the body must have exactly one kind of input");
    found = key;
    content = here;
  }
  if (found.empty())
    return Invalid("the body must have 'dataframe_split', 'dataframe_records', 'instances' or 'inputs'");
  dom::element params;
  if (root["params"].get(params) == simdjson::SUCCESS && !params.is_object() && !params.is_null()) {
    return Invalid("'params' must be an object");
  }
  if (found == "dataframe_split") return ReadSplit(content, builder);
  dom::object columns;
  const bool tensors = found != "dataframe_records";
  if (tensors && content.get_object().get(columns) == simdjson::SUCCESS) return ReadColumns(columns, builder);
  dom::array list;
  if (content.get_array().get(list) != simdjson::SUCCESS) {
    return Invalid(fmt::format("'{}' must be a list{}", found, tensors ? " or an object of lists" : " of objects"));
  }
  const bool positions = tensors && list.begin() != list.end() && (*list.begin()).is_array();
  return positions ? ReadPositions(list, builder) : state_->ReadList(list);
}

Status PredictParser::ParseCsv(std::string_view body, const ServedModel& model, const PredictSettings& settings,
                               Rows& rows) {
  RowBuilder& builder = state_->builder;
  builder.Begin(model, settings, rows);
  if (!IsUtf8(body)) return Invalid("the body is not UTF-8");
  CsvLines lines(body);
  std::vector<std::string> names, fields;
  if (!TRY(lines.Next(names))) return Invalid("the CSV has no line of names");
  while (TRY(lines.Next(fields))) {
    TRY(builder.BeginRow());
    if (fields.size() != names.size()) {
      return Invalid(fmt::format("instance {}: must have a value per column", builder.count()));
    }
    for (size_t i = 0; i < names.size(); ++i) {
      TRY(builder.Put(i, names[i], IsNotAvailable(fields[i]) ? Cell::Missing() : Cell::Untyped(fields[i])));
    }
  }
  return builder.count() == 0 ? Status(Invalid("there are no instances")) : Status();
}

}  // namespace vigia::risk
