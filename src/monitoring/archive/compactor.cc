#include "archive/compactor.h"

#include <algorithm>

#include "archive/archive_metadata.h"
#include "archive/day_merge.h"
#include "archive/folder_sync.h"
#include "archive/segment_merge.h"
#include "inference/segment_file.h"
#include "inference/segment_format.h"

namespace vigia::archive {

namespace {

using inference::kSegmentSuffix;

class Compactor {
 public:
  Compactor(const CompactSettings& settings, const columnar::Database& database, Files& files, Entropy& entropy)
      : settings_(settings),
        wal_(inference::WalFolder(settings.store_folder)),
        database_(database),
        files_(files),
        entropy_(entropy) {}

  Status MoveSegments();
  const CompactReport& report() const { return report_; }

 private:
  enum class Found { kClosed, kLive, kGone };
  Result<Found> Look(const FileInfo& info);
  Result<std::vector<std::string>> ClosedSegments();
  Status MoveBatch(const std::vector<std::string>& paths);
  Result<std::optional<LoadedSegment>> Load(const std::string& path, RecordColumns& columns);
  Status WriteDay(int64_t day, const std::vector<LoadedSegment>& segments, RecordColumns& columns);
  Result<std::set<std::string>*> CommittedOn(const std::string& date);
  Status SetAside(const std::string& path);

  const CompactSettings& settings_;
  const std::string wal_;
  const columnar::Database& database_;
  Files& files_;
  Entropy& entropy_;
  std::map<std::string, std::set<std::string>> committed_;  // date → segments in its files
  CompactReport report_;
};

// Who can lock a segment knows that its writer is gone. An empty file is one that a writer has just made
// and not yet locked, or never got to fill: removed under the lock, which the writer notices.
Result<Compactor::Found> Compactor::Look(const FileInfo& info) {
  const std::string path = JoinPath(wal_, info.name);
  const auto lock = files_.Lock(path);
  if (!lock.ok()) {
    if (lock.error().code() == Code::kUnavailable) return Found::kLive;
    return lock.error();
  }
  const FileInfo now = TRY(files_.Info(path));
  if (now.size >= inference::kHeaderBytes) return Found::kClosed;
  TRY(files_.Remove(path));
  return Found::kGone;
}

Result<std::vector<std::string>> Compactor::ClosedSegments() {
  std::vector<std::string> paths;
  if (!files_.Exists(wal_)) return paths;
  const std::vector<FileInfo> listing = TRY(files_.List(wal_));
  for (const FileInfo& info : listing) {
    if (!info.name.ends_with(kSegmentSuffix)) continue;
    const Found found = TRY(Look(info));
    if (found == Found::kClosed) paths.push_back(JoinPath(wal_, info.name));
    if (found == Found::kLive) ++report_.live_segments;
  }
  return paths;
}

Status Compactor::SetAside(const std::string& path) {
  ++report_.damaged;
  return files_.Rename(path, path + ".damaged");
}

// Nothing when there is no segment in it.
Result<std::optional<LoadedSegment>> Compactor::Load(const std::string& path, RecordColumns& columns) {
  auto segment = ScanSegment(path, TRY(files_.Read(path)), columns);
  if (segment.ok()) return std::optional<LoadedSegment>(std::move(segment).value());
  if (segment.error().code() == Code::kFailedPrecondition) {
    ++report_.unknown_format;
  } else {
    TRY(SetAside(path));
  }
  return std::optional<LoadedSegment>();
}

Result<std::set<std::string>*> Compactor::CommittedOn(const std::string& date) {
  const auto known = committed_.find(date);
  if (known != committed_.end()) return &known->second;
  std::vector<std::string> paths;
  for (const ArchiveFile& file : ArchiveFilesOf(TRY(files_.List(settings_.store_folder)))) {
    if (file.date == date) paths.push_back(JoinPath(settings_.store_folder, file.Name()));
  }
  std::set<std::string>& segments = committed_[date];
  const auto by_path = TRY(ReadArchiveMetadata(database_, paths));
  for (const auto& [path, metadata] : by_path) {
    segments.insert(metadata.segments.begin(), metadata.segments.end());
  }
  return &segments;
}

Status Compactor::WriteDay(int64_t day, const std::vector<LoadedSegment>& segments, RecordColumns& columns) {
  const std::string date = FormatDate(WallTime(std::chrono::days(day)));
  std::set<std::string>& committed = *TRY(CommittedOn(date));
  ArchiveMetadata metadata{RandomHex(entropy_, 16), {}, {}};
  std::set<const LoadedSegment*> wanted;
  for (const LoadedSegment& segment : segments) {
    if (!segment.records_by_day.contains(day) || committed.contains(segment.id)) continue;
    if (metadata.segments.insert(segment.id).second) wanted.insert(&segment);
  }
  if (wanted.empty()) return {};
  ArchiveFile next{date, 0, 0};
  for (const ArchiveFile& file : ArchiveFilesOf(TRY(files_.List(settings_.store_folder)))) {
    if (file.date == date) next.number = std::max(next.number, file.number + 1);
  }
  SegmentMerge merge(segments, columns, [&](const LoadedSegment& segment, const inference::StoredRecord& record) {
    return wanted.contains(&segment) && DayOf(record.time) == day;
  });
  const columnar::FrameSource source = [&]() -> Result<std::optional<columnar::Frame>> { return merge.Next(); };
  TRY(database_.WriteBatches(columns.fields(), source, JoinPath(settings_.store_folder, next.Name()),
                             columnar::FileFormat::kParquet, ToFileMetadata(metadata)));
  committed.insert(metadata.segments.begin(), metadata.segments.end());
  report_.records += merge.rows();
  ++report_.files_written;
  return {};
}

// Commit order: the day's files become visible, each naming its segments; only then segments go.
Status Compactor::MoveBatch(const std::vector<std::string>& paths) {
  RecordColumns columns;
  std::vector<LoadedSegment> segments;
  std::set<int64_t> days;
  for (const std::string& path : paths) {
    std::optional<LoadedSegment> segment = TRY(Load(path, columns));
    if (!segment) continue;
    for (const auto& [day, records] : segment->records_by_day) days.insert(day);
    segments.push_back(*std::move(segment));
  }
  for (const int64_t day : days) TRY(WriteDay(day, segments, columns));
  for (const LoadedSegment& segment : segments) {
    if (segment.summary.damaged_bytes + segment.summary.unreadable > 0) {
      TRY(SetAside(segment.path));
    } else {
      TRY(files_.Remove(segment.path));
    }
    ++report_.segments;
  }
  // From here on no removed segment can come back, so its id may be forgotten by a merge.
  return SyncFolder(wal_);
}

Status Compactor::MoveSegments() {
  std::vector<std::string> batch;
  uint64_t bytes = 0;
  const std::vector<std::string> closed = TRY(ClosedSegments());
  for (const std::string& path : closed) {
    const uint64_t size = TRY(files_.Info(path))
    .size;
    if (!batch.empty() && bytes + size > settings_.batch_bytes) {
      TRY(MoveBatch(batch));
      batch.clear();
      bytes = 0;
    }
    batch.push_back(path);
    bytes += size;
  }
  return batch.empty() ? Status() : MoveBatch(batch);
}

}  // namespace

std::string StoreFolder(const std::string& home) { return JoinPath(home, "monitoring/inference_store"); }

Result<CompactReport> Compact(const CompactSettings& settings, const columnar::Database& database, Files& files,
                              Entropy& entropy, WallTime now) {
  TRY(files.MakeFolders(settings.store_folder));
  const auto lock = TRY(files.Lock(JoinPath(settings.store_folder, "compact.lock")));
  DayMerger merger(settings.store_folder, settings.merge, database, files, entropy);
  TRY(merger.Recover());
  Compactor compactor(settings, database, files, entropy);
  TRY(compactor.MoveSegments());
  CompactReport report = compactor.report();
  report.files_merged = TRY(merger.MergeDays(now));
  return report;
}

}  // namespace vigia::archive
