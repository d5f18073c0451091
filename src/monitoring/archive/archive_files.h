// The names of a store's parquet files, and which of them to merge. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/files.h"

namespace vigia::archive {

// inferences_2026-11-20.parquet is number 0 of its day, inferences_2026-11-20_01.parquet number 1:
// names of a day sort by age (up to number 99).
struct ArchiveFile {
  std::string date;  // "2026-11-20", UTC
  int number = 0;
  uint64_t bytes = 0;

  std::string Name() const;
  bool operator==(const ArchiveFile&) const = default;
};

// Nothing for any other name.
std::optional<ArchiveFile> ParseArchiveName(std::string_view name);

// The archive files of a listing, by date and number.
std::vector<ArchiveFile> ArchiveFilesOf(const std::vector<FileInfo>& listing);

struct MergeSettings {
  size_t fan_in = 4;                   // a day that is being written: at least so many at once
  uint64_t most_bytes = 512ULL << 20;  // of what is merged together; larger files stay as they are
};

// Positions [first, first + count) of neighbours to merge.
struct MergePlan {
  size_t first = 0;
  size_t count = 0;
  bool operator==(const MergePlan&) const = default;
};

// `day`: the files of one date, by number. An open day merges its newest files once there are fan_in
// that are each no larger than all newer ones together, so the number of files grows with the logarithm
// of the day's size and each record is rewritten as often. A closed day becomes as few files as
// most_bytes allows.
enum class DayState { kOpen, kClosed };
std::optional<MergePlan> PlanMerge(const std::vector<ArchiveFile>& day, DayState state, const MergeSettings& settings);

}  // namespace vigia::archive
