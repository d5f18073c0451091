// Keeps the number of a day's files small: several become one, and no reader counts a row twice.
#pragma once

#include <string>
#include <vector>

#include "archive/archive_files.h"
#include "base/files.h"
#include "base/random.h"
#include "columnar/database.h"

namespace vigia::archive {

// REQUIRES: the store's compact.lock is held.
class DayMerger {
 public:
  DayMerger(std::string store_folder, const MergeSettings& settings, const columnar::Database& database, Files& files,
            Entropy& entropy);

  // Completes a merge that a killed process began, and removes what killed writers left.
  Status Recover();
  // Merges until no plan is left; the number of files that became part of another one.
  Result<uint64_t> MergeDays(WallTime now);

 private:
  Status Merge(const std::vector<ArchiveFile>& group);
  Status Finish();

  const std::string folder_;
  const MergeSettings& settings_;
  const columnar::Database& database_;
  Files& files_;
  Entropy& entropy_;
};

}  // namespace vigia::archive
