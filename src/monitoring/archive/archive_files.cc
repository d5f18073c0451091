#include "archive/archive_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace vigia::archive {

namespace {

constexpr std::string_view kPrefix = "inferences_";
constexpr std::string_view kSuffix = ".parquet";
constexpr size_t kDateLength = 10;

}  // namespace

std::string ArchiveFile::Name() const {
  const std::string stem = std::string(kPrefix) + date;
  return number == 0 ? stem + std::string(kSuffix) : fmt::format("{}_{:02}{}", stem, number, kSuffix);
}

std::optional<ArchiveFile> ParseArchiveName(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(std::min(name.size(), kSuffix.size()));
  if (name.size() < kDateLength) return std::nullopt;
  ArchiveFile file;
  file.date = std::string(name.substr(0, kDateLength));
  if (!ParseTime(file.date + "T00:00:00Z").ok()) return std::nullopt;
  name.remove_prefix(kDateLength);
  if (name.empty()) return file;
  const auto number = ParseInteger(name.substr(1));
  if (name[0] != '_' || name.size() < 3 || !number || *number < 1 || *number > 1'000'000) return std::nullopt;
  file.number = static_cast<int>(*number);
  return file;
}

std::vector<ArchiveFile> ArchiveFilesOf(const std::vector<FileInfo>& listing) {
  std::vector<ArchiveFile> files;
  for (const FileInfo& info : listing) {
    auto file = ParseArchiveName(info.name);
    if (!file || info.is_directory) continue;
    file->bytes = info.size;
    files.push_back(*std::move(file));
  }
  std::sort(files.begin(), files.end(), [](const ArchiveFile& a, const ArchiveFile& b) {
    return a.date != b.date ? a.date < b.date : a.number < b.number;
  });
  return files;
}

namespace {

std::optional<MergePlan> PlanOpenDay(const std::vector<ArchiveFile>& day, const MergeSettings& settings) {
  uint64_t newer = 0;
  size_t first = day.size();
  while (first > 0) {
    const uint64_t bytes = day[first - 1].bytes;
    const bool newest = first == day.size();
    if ((!newest && bytes > newer) || newer + bytes > settings.most_bytes) break;
    newer += bytes;
    --first;
  }
  const size_t count = day.size() - first;
  if (count < std::max<size_t>(2, settings.fan_in)) return std::nullopt;
  return MergePlan{first, count};
}

std::optional<MergePlan> PlanClosedDay(const std::vector<ArchiveFile>& day, const MergeSettings& settings) {
  for (size_t first = 0; first + 1 < day.size(); ++first) {
    uint64_t bytes = day[first].bytes;
    size_t count = 1;
    while (first + count < day.size() && bytes + day[first + count].bytes <= settings.most_bytes) {
      bytes += day[first + count].bytes;
      ++count;
    }
    if (count > 1 && bytes <= settings.most_bytes) return MergePlan{first, count};
  }
  return std::nullopt;
}

}  // namespace

std::optional<MergePlan> PlanMerge(const std::vector<ArchiveFile>& day, DayState state, const MergeSettings& settings) {
  return state == DayState::kOpen ? PlanOpenDay(day, settings) : PlanClosedDay(day, settings);
}

}  // namespace vigia::archive
