// What an archive file says about itself in its parquet footer; the base of "exactly once".
// Persisted keys: never change. vigia.file_id, vigia.segments, vigia.replaces (comma-separated ids).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "columnar/database.h"

namespace vigia::archive {

struct ArchiveMetadata {
  std::string file_id;             // 32 digits
  std::set<std::string> segments;  // whose records of this file's date are all here
  std::set<std::string> replaces;  // file ids whose rows are all here
};

columnar::FileMetadata ToFileMetadata(const ArchiveMetadata& metadata);
// By path. Files that are not ours have empty metadata; one that is not parquet is an error.
Result<std::map<std::string, ArchiveMetadata>> ReadArchiveMetadata(const columnar::Database& database,
                                                                   const std::vector<std::string>& paths);

}  // namespace vigia::archive
