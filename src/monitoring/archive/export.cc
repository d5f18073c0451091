#include "archive/export.h"

#include "archive/record_frame.h"
#include "base/text.h"

namespace vigia::archive {

namespace {

using columnar::Chunk;
using columnar::Field;
using columnar::Type;

constexpr size_t kWriteBytes = 1 << 20;

void AppendJsonValue(const Chunk& chunk, size_t column, size_t row, Type type, std::string& out) {
  if (chunk.IsNull(column, row)) {
    out += "null";
    return;
  }
  switch (type) {
    case Type::kBool: out += chunk.Bools(column)[row] ? "true" : "false"; return;
    case Type::kInt64: out += std::to_string(chunk.Integers(column)[row]); return;
    case Type::kNumber: out += FormatNumber(chunk.Numbers(column)[row]); return;
    case Type::kText: AppendJsonString(out, chunk.Text(column, row)); return;
    case Type::kTimestamp: AppendJsonString(out, FormatTime(WallTime(Duration(chunk.Timestamps(column)[row])))); return;
  }
}

void AppendJsonLine(const Chunk& chunk, size_t row, const std::vector<Field>& fields, std::string& out) {
  for (size_t column = 0; column < fields.size(); ++column) {
    out += column == 0 ? "{" : ",";
    AppendJsonString(out, fields[column].name);
    out += ':';
    AppendJsonValue(chunk, column, row, fields[column].type, out);
  }
  out += "}\n";
}

Status WriteJsonLines(columnar::Rows& rows, Files& files, const std::string& aside, Progress& progress) {
  std::string lines;
  while (true) {
    const std::optional<Chunk> chunk = TRY(rows.Next());
    if (!chunk) return files.Append(aside, lines, Files::Sync::kYes);
    for (size_t row = 0; row < chunk->rows(); ++row) AppendJsonLine(*chunk, row, rows.fields(), lines);
    progress.Advance(chunk->rows());
    if (lines.size() < kWriteBytes) continue;
    TRY(files.Append(aside, lines, Files::Sync::kNo));
    lines.clear();
  }
}

Status ExportJsonLines(columnar::Rows rows, Files& files, const std::string& path, Progress& progress) {
  const std::string aside = path + ".part";
  if (files.Exists(aside)) TRY(files.Remove(aside));
  const Status written = WriteJsonLines(rows, files, aside, progress);
  if (written.ok()) return files.Rename(aside, path);
  if (files.Exists(aside)) (void)files.Remove(aside).ok();  // the first error is the one to tell
  return written;
}

// Infinite numbers cannot be written as JSON; and CSV readers want one spelling of time.
std::string TextColumns(const std::vector<Field>& fields) {
  std::vector<std::string> columns;
  for (const Field& field : fields) {
    const std::string name = columnar::QuoteName(field.name);
    columns.push_back(field.type == Type::kTimestamp ? "strftime(" + name + ", '%Y-%m-%dT%H:%M:%S.%fZ') AS " + name
                      : field.type == Type::kNumber
                          ? "CASE WHEN isfinite(" + name + ") THEN " + name + " END AS " + name
                          : name);
  }
  return Join(columns, ", ");
}

}  // namespace

Result<ExportFormat> ExportFormatOf(std::string_view path) {
  if (path.ends_with(".csv")) return ExportFormat::kCsv;
  if (path.ends_with(".jsonl")) return ExportFormat::kJsonLines;
  if (path.ends_with(".parquet")) return ExportFormat::kParquet;
  return Error(Code::kInvalidArgument, "the output's name must end in .csv, .jsonl or .parquet");
}

Result<uint64_t> Export(const columnar::Database& database, Files& files, const InferenceScan& scan,
                        const std::string& path, ExportFormat format, Progress& progress) {
  columnar::Rows counted = TRY(database.Query("SELECT count(*) AS n FROM " + scan.relation()));
  const columnar::Frame count = TRY(counted.ReadAll());
  const auto total = static_cast<uint64_t>(count.columns[0].integers[0]);
  TRY(files.MakeFolders(ParentPath(path)));
  progress.Begin("export", total);
  const std::string columns = format == ExportFormat::kParquet ? "*" : TextColumns(scan.fields());
  const std::string sorted =
      "(SELECT * FROM " + scan.relation() + " ORDER BY \"timestamp\", request_id, instance_index)";
  const std::string sql = "SELECT " + columns + " FROM " + sorted;
  if (format == ExportFormat::kJsonLines) {
    TRY(ExportJsonLines(TRY(database.Query(sql)), files, path, progress));
  } else {
    TRY(database.WriteQuery(
        sql, {}, path, format == ExportFormat::kCsv ? columnar::FileFormat::kCsv : columnar::FileFormat::kParquet));
  }
  progress.End();
  return total;
}

}  // namespace vigia::archive
