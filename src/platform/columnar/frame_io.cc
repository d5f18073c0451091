#include "columnar/frame_io.h"

#include <map>

#include "base/text.h"
#include "columnar/database.h"
#include "columnar/memory_file.h"

namespace vigia::columnar {

namespace {

constexpr size_t kHeaderBytes = 64 << 10;

// Starting threads costs more than they save on files that fit in memory.
DatabaseSettings OneThread() {
  DatabaseSettings settings;
  settings.threads = 1;
  return settings;
}

enum class Kind { kParquet, kCsvText, kCsvFind };

Kind KindOf(CsvTypes types) { return types == CsvTypes::kAllText ? Kind::kCsvText : Kind::kCsvFind; }

// The separator is the candidate that the header line has most of, outside quotes. Left to itself,
// DuckDB may take a ragged file for one that begins further down.
char FindSeparator(std::string_view start) {
  std::map<char, int> counts{{',', 0}, {';', 0}, {'\t', 0}, {'|', 0}};
  bool quoted = false;
  for (const char c : start) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '\n' || c == '\r')) break;
    if (const auto found = counts.find(c); !quoted && found != counts.end()) ++found->second;
  }
  char best = ',';
  for (const auto& [separator, count] : counts) {
    if (count > counts[best]) best = separator;
  }
  return best;
}

Result<Frame> ReadDescriptor(const Database& database, const std::string& path, Kind kind, std::string_view start) {
  std::string sql = "SELECT * FROM ";
  if (kind == Kind::kParquet) {
    sql += "read_parquet($1)";
  } else {
    sql += "read_csv($1, delim = $2, quote = '\"', escape = '\"', comment = '', skip = 0, header = true, ";
    sql += "compression = 'none', strict_mode = true, null_padding = false, parallel = false, ";
    sql += kind == Kind::kCsvText ? "all_varchar = true)" : "sample_size = -1)";
  }
  std::vector<Value> parameters{path};
  if (kind != Kind::kParquet) parameters.emplace_back(std::string(1, FindSeparator(start)));
  Rows rows = TRY(database.Query(sql, parameters));
  return rows.ReadAll();
}

// What DuckDB would explain at length, in a line.
Status CheckBytes(std::string_view bytes, Kind kind) {
  if (bytes.empty()) return Error(Code::kInvalidArgument, "the file is empty");
  constexpr std::string_view kMagic = "PAR1";
  if (kind == Kind::kParquet && (bytes.size() < 12 || !bytes.starts_with(kMagic))) {
    return Error(Code::kInvalidArgument, "not a parquet file");
  }
  if (kind == Kind::kParquet && !bytes.ends_with(kMagic)) {
    return Error(Code::kInvalidArgument, "the parquet file is truncated");
  }
  return {};
}

Result<Frame> ReadBytes(const Database& database, std::string_view bytes, Kind kind) {
  TRY(CheckBytes(bytes, kind));
  if (kind != Kind::kParquet && !IsUtf8(bytes)) {
    return Error(Code::kInvalidArgument, "the CSV file is not UTF-8 text");
  }
  const MemoryFile file = TRY(MemoryFile::Make(bytes));
  return ReadDescriptor(database, file.path(), kind, bytes.substr(0, kHeaderBytes));
}

Result<Frame> ReadBytes(std::string_view bytes, Kind kind) {
  TRY(CheckBytes(bytes, kind));
  return ReadBytes(TRY(Database::Open(OneThread())), bytes, kind);
}

Result<Frame> ReadFile(const std::string& path, Kind kind) {
  const UniqueFd fd = TRY(OpenRegular(path));
  if (kind == Kind::kParquet) {
    char head[4] = {}, tail[4] = {};
    const off_t size = ::lseek(fd.get(), 0, SEEK_END);
    const bool got = size >= 12 && ::pread(fd.get(), head, 4, 0) == 4 && ::pread(fd.get(), tail, 4, size - 4) == 4;
    TRY_CONTEXT(CheckBytes(got ? std::string(head, 4) + "----" + std::string(tail, 4) : "-", kind), path);
  }
  std::string start(kHeaderBytes, '\0');
  start.resize(static_cast<size_t>(std::max<ssize_t>(0, ::pread(fd.get(), start.data(), start.size(), 0))));
  const Database database = TRY(Database::Open(OneThread()));
  return ReadDescriptor(database, DescriptorPath(fd), kind, start).Prefixed(path);
}

std::vector<Field> FieldsOf(const Frame& frame) {
  std::vector<Field> fields;
  for (const Column& column : frame.columns) fields.push_back(Field{column.name, column.type});
  return fields;
}

FrameSource Once(const Frame& frame) {
  return [&frame, given = false]() mutable -> Result<std::optional<Frame>> {
    if (std::exchange(given, true)) return std::optional<Frame>();
    return std::optional<Frame>(frame);
  };
}

Status WriteFile(const std::string& path, const Frame& frame, FileFormat format) {
  const Database database = TRY(Database::Open(OneThread()));
  return database.WriteBatches(FieldsOf(frame), Once(frame), path, format);
}

Result<std::string> Encode(const Frame& frame, FileFormat format) {
  const Database database = TRY(Database::Open(OneThread()));
  const MemoryFile file = TRY(MemoryFile::Make());
  TRY(database.WriteBatchesInto(FieldsOf(frame), Once(frame), file.path(), format));
  return file.Read();
}

}  // namespace

Result<Frame> ReadParquet(const std::string& path) { return ReadFile(path, Kind::kParquet); }
Result<Frame> ReadCsv(const std::string& path, CsvTypes types) { return ReadFile(path, KindOf(types)); }
Result<Frame> DecodeParquet(std::string_view bytes) { return ReadBytes(bytes, Kind::kParquet); }
Result<Frame> DecodeCsv(std::string_view bytes, CsvTypes types) { return ReadBytes(bytes, KindOf(types)); }
Result<Frame> DecodeCsv(const Database& database, std::string_view bytes, CsvTypes types) {
  return ReadBytes(database, bytes, KindOf(types));
}
Status WriteParquet(const std::string& path, const Frame& frame) {
  return WriteFile(path, frame, FileFormat::kParquet);
}
Status WriteCsv(const std::string& path, const Frame& frame) { return WriteFile(path, frame, FileFormat::kCsv); }
Result<std::string> EncodeParquet(const Frame& frame) { return Encode(frame, FileFormat::kParquet); }
Result<std::string> EncodeCsv(const Frame& frame) { return Encode(frame, FileFormat::kCsv); }

}  // namespace vigia::columnar
