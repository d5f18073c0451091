#include "archive/store_status.h"

#include <algorithm>
#include <set>

#include "archive/inference_scan.h"
#include "inference/segment_file.h"
#include "inference/segment_format.h"

namespace vigia::archive {

namespace {

constexpr Duration kPause = std::chrono::milliseconds(100);
constexpr int kPatience = 50;

// Segments that hold more than a header.
Result<std::set<std::string>> FilledSegments(const Files& files, const std::string& wal) {
  std::set<std::string> names;
  if (!files.Exists(wal)) return names;
  const std::vector<FileInfo> listing = TRY(files.List(wal));
  for (const FileInfo& info : listing) {
    const bool filled = info.size > inference::kHeaderBytes;
    if (filled && inference::SegmentNameTime(info.name).ok()) names.insert(info.name);
  }
  return names;
}

void Add(const CompactReport& from, CompactReport& to) {
  to.segments += from.segments;
  to.records += from.records;
  to.files_written += from.files_written;
  to.files_merged += from.files_merged;
  to.damaged += from.damaged;
  to.live_segments = from.live_segments;
  to.unknown_format = from.unknown_format;
}

Status CountSegments(const Files& files, const std::string& wal, StoreStatus& status) {
  if (!files.Exists(wal)) return {};
  const std::vector<FileInfo> listing = TRY(files.List(wal));
  for (const FileInfo& info : listing) {
    if (info.name.ends_with(".damaged")) ++status.damaged_segments;
    const auto created = inference::SegmentNameTime(info.name);
    if (!created.ok() || info.size <= inference::kHeaderBytes) continue;
    ++status.segments;
    status.segment_bytes += info.size;
    status.oldest_segment = std::min(status.oldest_segment.value_or(*created), *created);
  }
  return {};
}

}  // namespace

Result<StoreStatus> ReadStoreStatus(const columnar::Database& database, const Files& files,
                                    const std::string& store_folder) {
  StoreStatus status;
  if (!files.Exists(store_folder)) return status;
  const std::vector<FileInfo> listing = TRY(files.List(store_folder));
  for (const ArchiveFile& file : ArchiveFilesOf(listing)) {
    ++status.parquet_files;
    status.parquet_bytes += file.bytes;
    if (status.oldest_date.empty()) status.oldest_date = file.date;
    status.newest_file = file.Name();
  }
  for (const FileInfo& info : listing) {
    if (info.name == status.newest_file) status.newest_written = info.modified;
  }
  TRY(CountSegments(files, inference::WalFolder(store_folder), status));
  ScanRequest request;
  request.store_folder = store_folder;
  request.kinds = Kinds::kAll;
  const auto scan = TRY(ScanInferences(database, files, request));
  columnar::Rows rows = TRY(database.Query("SELECT count(*) AS n FROM " + scan->relation()));
  const columnar::Frame count = TRY(rows.ReadAll());
  status.records = static_cast<uint64_t>(count.columns[0].integers[0]);
  return status;
}

Result<FlushReport> Flush(const CompactSettings& settings, const columnar::Database& database, Files& files,
                          Entropy& entropy, const Clock& clock, const std::function<void(Duration)>& pause) {
  const std::string wal = inference::WalFolder(settings.store_folder);
  const std::set<std::string> wanted = TRY(FilledSegments(files, wal));
  if (!wanted.empty()) TRY(inference::RequestRotation(wal));
  FlushReport report;
  for (int attempt = 0;; ++attempt) {
    const auto compacted = Compact(settings, database, files, entropy, clock.Now());
    const bool busy = !compacted.ok() && compacted.error().code() == Code::kUnavailable;
    if (!compacted.ok() && (!busy || attempt + 1 >= kPatience)) return compacted.error();
    if (compacted.ok()) Add(*compacted, report.compacted);
    const std::set<std::string> left = TRY(FilledSegments(files, wal));
    const auto is_left = [&](const std::string& name) { return left.contains(name); };
    report.still_open = static_cast<uint64_t>(std::count_if(wanted.begin(), wanted.end(), is_left));
    if ((report.still_open == 0 && !busy) || attempt + 1 >= kPatience) return report;
    pause(kPause);
  }
}

}  // namespace vigia::archive
