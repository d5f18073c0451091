#include "archive/archive_metadata.h"

#include "base/text.h"

namespace vigia::archive {

namespace {

constexpr std::string_view kFileId = "vigia.file_id";
constexpr std::string_view kSegments = "vigia.segments";
constexpr std::string_view kReplaces = "vigia.replaces";

std::string JoinIds(const std::set<std::string>& ids) {
  return Join(std::vector<std::string>(ids.begin(), ids.end()), ",");
}

std::set<std::string> SplitIds(std::string_view text) {
  std::set<std::string> ids;
  for (const std::string_view id : Split(text, ',')) {
    if (!id.empty()) ids.emplace(id);
  }
  return ids;
}

}  // namespace

columnar::FileMetadata ToFileMetadata(const ArchiveMetadata& metadata) {
  return {{std::string(kFileId), metadata.file_id},
          {std::string(kSegments), JoinIds(metadata.segments)},
          {std::string(kReplaces), JoinIds(metadata.replaces)}};
}

Result<std::map<std::string, ArchiveMetadata>> ReadArchiveMetadata(const columnar::Database& database,
                                                                   const std::vector<std::string>& paths) {
  std::map<std::string, ArchiveMetadata> by_path;
  for (const std::string& path : paths) by_path[path];
  if (paths.empty()) return by_path;
  std::vector<std::string> literal;
  std::map<std::string, std::string> path_of;
  for (const std::string& path : paths) {
    literal.push_back(columnar::LiteralPath(path));
    path_of[literal.back()] = path;
    path_of[path] = path;
  }
  columnar::Rows rows = TRY_CONTEXT(
      database.Query("SELECT file_name, decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata($1) "
                     "WHERE key IN ('vigia.file_id'::BLOB, 'vigia.segments'::BLOB, 'vigia.replaces'::BLOB)",
                     {literal}),
      "inference archive");
  while (true) {
    const std::optional<columnar::Chunk> chunk = TRY(rows.Next());
    if (!chunk) return by_path;
    for (size_t row = 0; row < chunk->rows(); ++row) {
      const auto path = path_of.find(std::string(chunk->Text(0, row)));
      if (path == path_of.end()) return Error(Code::kInternal, "inference archive: metadata of an unknown file");
      ArchiveMetadata& metadata = by_path[path->second];
      const std::string_view key = chunk->Text(1, row), value = chunk->Text(2, row);
      if (key == kFileId) metadata.file_id = std::string(value);
      if (key == kSegments) metadata.segments = SplitIds(value);
      if (key == kReplaces) metadata.replaces = SplitIds(value);
    }
  }
}

}  // namespace vigia::archive
