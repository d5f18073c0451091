#include "performance/labels.h"

#include <cmath>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "columnar/frame_io.h"

namespace vigia::performance {

namespace {

using Key = std::pair<std::string, std::optional<uint32_t>>;

Error Bad(const std::string& what) { return Error(Code::kInvalidArgument, what); }

// 0, 1, false, true, "0", "1", 0.0, 1.0.
Result<bool> ReadLabelValue(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  std::optional<double> number;
  if (value.is_number()) number = value.get<double>();
  if (value.is_string()) number = ParseNumber(Trim(value.get_ref<const std::string&>()));
  if (number && (*number == 0 || *number == 1)) return *number == 1;
  return Bad("'label' must be 0 or 1");
}

Result<std::optional<uint32_t>> ReadInstance(const Json& value) {
  std::optional<double> number;
  if (value.is_null()) return std::optional<uint32_t>();
  if (value.is_number()) number = value.get<double>();
  if (value.is_string()) {
    if (Trim(value.get_ref<const std::string&>()).empty()) return std::optional<uint32_t>();
    number = ParseNumber(Trim(value.get_ref<const std::string&>()));
  }
  if (!number || *number < 0 || *number > 1e6 || *number != std::floor(*number)) {
    return Bad("'instance_index' must be a whole number from 0");
  }
  return std::optional<uint32_t>(static_cast<uint32_t>(*number));
}

Result<std::optional<WallTime>> ReadTime(const Json& value) {
  if (value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty())) {
    return std::optional<WallTime>();
  }
  if (!value.is_string()) return Bad("'timestamp' must be a time as text");
  const std::string& text = value.get_ref<const std::string&>();
  auto time = ParseTime(text);
  // Python's isoformat() of a naive time: meant as UTC.
  if (!time.ok()) time = ParseTime(text + "Z");
  // A date alone.
  if (!time.ok()) time = ParseTime(text + "T00:00:00Z");
  if (!time.ok()) return Bad("'timestamp' is not a time");
  return std::optional<WallTime>(*time);
}

Status CheckRequestId(std::string_view id) {
  if (Trim(id).empty()) return Bad("'request_id' is missing");
  return id.size() > 255 ? Bad("'request_id' is too long") : Status();
}

Result<Label> LabelFromJson(const Json& json) {
  if (!json.is_object()) return Bad("a label must be an object");
  Label label;
  const auto id = json.find("request_id");
  if (id == json.end() || !id->is_string()) return Bad("'request_id' is missing");
  label.request_id = std::string(Trim(id->get_ref<const std::string&>()));
  TRY(CheckRequestId(label.request_id));
  if (!json.contains("label")) return Bad("'label' is missing");
  label.positive = TRY(ReadLabelValue(json.at("label")));
  if (json.contains("instance_index")) label.instance = TRY(ReadInstance(json.at("instance_index")));
  if (json.contains("timestamp")) label.time = TRY(ReadTime(json.at("timestamp")));
  return label;
}

Json CellJson(const columnar::Column& column, size_t row) {
  if (column.IsNull(row)) return nullptr;
  switch (column.type) {
    case columnar::Type::kBool: return column.integers[row] != 0;
    case columnar::Type::kInt64: return column.integers[row];
    case columnar::Type::kNumber: return column.numbers[row];
    case columnar::Type::kText: return column.texts[row];
    case columnar::Type::kTimestamp: return FormatTime(WallTime(Duration(column.integers[row])));
  }
  CHECK(false, "unknown column type");
}

Result<std::vector<Label>> LabelsFromFrame(const columnar::Frame& frame) {
  std::vector<Label> labels;
  for (size_t row = 0; row < frame.rows(); ++row) {
    Json json = Json::object();
    for (const char* name : {"request_id", "instance_index", "timestamp", "label"}) {
      const columnar::Column* column = frame.Find(name);
      if (column == nullptr) continue;
      Json cell = CellJson(*column, row);
      // Ids that look like numbers come as such.
      if (std::string_view(name) == "request_id" && cell.is_number_integer()) cell = cell.dump();
      if (!cell.is_null()) json[name] = std::move(cell);
    }
    labels.push_back(TRY_CONTEXT(LabelFromJson(json), "row " + std::to_string(row + 1)));
  }
  return labels;
}

Result<std::vector<Label>> LabelsFromLines(std::string_view text) {
  const LabelFile file = ParseLabelFile(text);
  if (file.bad_lines.empty()) return file.labels;
  const size_t number = file.bad_lines.front();
  const Result<Label> bad = LabelFromLine(Trim(Split(text, '\n')[number - 1]));
  CHECK(!bad.ok(), "a bad line that is a label");
  return bad.error().Prefixed("line " + std::to_string(number));
}

}  // namespace

Result<Label> LabelFromLine(std::string_view json_line) { return LabelFromJson(TRY(ParseJson(json_line))); }

std::string LabelLine(const Label& label) {
  Json json = {{"request_id", label.request_id}};
  if (label.instance) json["instance_index"] = *label.instance;
  if (label.time) json["timestamp"] = FormatTime(*label.time);
  json["label"] = label.positive ? 1 : 0;
  return CompactJson(json) + "\n";
}

LabelFile ParseLabelFile(std::string_view text) {
  LabelFile file;
  std::map<Key, size_t> known;
  size_t number = 0;
  for (const std::string_view raw : Split(text, '\n')) {
    ++number;
    const std::string_view line = Trim(raw);
    if (line.empty()) continue;
    ++file.lines;
    auto label = LabelFromLine(line);
    if (!label.ok()) {
      file.bad_lines.push_back(number);
      continue;
    }
    const auto [at, is_new] = known.emplace(Key(label->request_id, label->instance), file.labels.size());
    if (is_new) {
      file.labels.push_back(std::move(label).value());
    } else if (!file.labels[at->second].SameAs(*label)) {
      ++file.corrected;
      file.labels[at->second] = std::move(label).value();
    }
  }
  return file;
}

Result<LabelFile> ReadLabelFile(const Files& files, const std::string& path) {
  const auto text = files.Read(path);
  if (text.ok()) return ParseLabelFile(*text);
  if (text.error().code() == Code::kNotFound) return LabelFile{};
  return text.error();
}

Result<std::vector<Label>> ReadLabelsToImport(const Files& files, const std::string& path) {
  const std::string name = ToLowerAscii(BaseName(path));
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson") || name.ends_with(".json")) {
    return TRY_CONTEXT(LabelsFromLines(TRY(files.Read(path))), path);
  }
  if (name.ends_with(".csv")) {
    const std::string bytes = TRY(files.Read(path));
    const columnar::Frame frame = TRY_CONTEXT(columnar::DecodeCsv(bytes, columnar::CsvTypes::kAllText), path);
    return TRY_CONTEXT(LabelsFromFrame(frame), path);
  }
  if (name.ends_with(".parquet")) {
    const std::string bytes = TRY(files.Read(path));
    const columnar::Frame frame = TRY_CONTEXT(columnar::DecodeParquet(bytes), path);
    return TRY_CONTEXT(LabelsFromFrame(frame), path);
  }
  return Bad(path + ": labels are read from .jsonl, .csv or .parquet");
}

Result<AddedLabels> AddLabels(Files& files, const std::string& path, const std::vector<Label>& labels) {
  for (const Label& label : labels) TRY(CheckRequestId(label.request_id));
  TRY(files.MakeFolders(ParentPath(path)));
  const auto lock = TRY(files.Lock(path + ".lock"));
  const auto text = files.Read(path);
  if (!text.ok() && text.error().code() != Code::kNotFound) return text.error();
  const LabelFile stored = text.ok() ? ParseLabelFile(*text) : LabelFile{};
  std::map<Key, bool> known;
  for (const Label& label : stored.labels) known[Key(label.request_id, label.instance)] = label.positive;
  AddedLabels added;
  std::string lines;
  for (const Label& label : labels) {
    const auto [at, is_new] = known.emplace(Key(label.request_id, label.instance), label.positive);
    if (!is_new && at->second == label.positive) {
      ++added.unchanged;
      continue;
    }
    ++(is_new ? added.added : added.corrected);
    at->second = label.positive;
    lines += LabelLine(label);
  }
  if (lines.empty()) return added;
  // A hand's `echo -n`, or a line torn by a kill: ours must not grow onto it.
  if (text.ok() && !text->empty() && text->back() != '\n') lines.insert(0, "\n");
  TRY(files.Append(path, lines, Files::Sync::kYes));
  return added;
}

std::string LabelsPath(const std::string& home) { return JoinPath(home, "monitoring/labels_store.jsonl"); }

}  // namespace vigia::performance
