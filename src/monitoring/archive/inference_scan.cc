#include "archive/inference_scan.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "archive/archive_metadata.h"
#include "archive/record_frame.h"
#include "archive/segment_merge.h"
#include "base/text.h"
#include "inference/segment_file.h"
#include "inference/segment_format.h"

namespace vigia::archive {

namespace {

constexpr int kAttempts = 20;
// Above it files are read by name: a merge that removes one makes the query fail, and descriptors do not run out.
constexpr size_t kMostPinned = 400;
// How far a record's time may lie from its file's, after a correction of the clock.
constexpr Duration kSlack = std::chrono::hours(24);

std::string QuoteText(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\0') continue;  // no stored text has one
    quoted.push_back(c);
    if (c == '\'') quoted.push_back(c);
  }
  return quoted + "'";
}

std::string Where(const ScanRequest& request) {
  std::string where = " WHERE true";
  const auto timestamp = [](WallTime time) {
    return fmt::format("make_timestamp({})", time.time_since_epoch().count());
  };
  if (request.from) where += " AND \"timestamp\" >= " + timestamp(*request.from);
  if (request.to) where += " AND \"timestamp\" < " + timestamp(*request.to);
  if (request.model_version) where += " AND model_version = " + QuoteText(*request.model_version);
  switch (request.kinds) {
    case Kinds::kPredictions: return where + " AND kind = 'prediction'";
    case Kinds::kShadows: return where + " AND kind = 'shadow'";
    case Kinds::kRejected: return where + " AND kind = 'rejected'";
    case Kinds::kAll: return where;
  }
  return where;
}

// The same rows with all columns that our own files have. Files that another program wrote may lack some: nothing
// is known then, but of those that say which records are meant.
Result<std::string> WithOurColumns(const std::string& source, std::vector<columnar::Field>& fields) {
  static constexpr std::string_view kNeeded[] = {"timestamp", "request_id",    "instance_index",
                                                 "kind",      "model_version", "risk_score"};
  std::string added;
  for (const columnar::Column& column : RecordColumns().EmptyFrame().columns) {
    const auto same = [&](const columnar::Field& field) { return field.name == column.name; };
    if (std::any_of(fields.begin(), fields.end(), same)) continue;
    if (std::find(std::begin(kNeeded), std::end(kNeeded), column.name) != std::end(kNeeded)) {
      return Error(Code::kInvalidArgument, "inference store: its parquet files have no column '" + column.name + "'");
    }
    added += column.type == columnar::Type::kText     ? ", CAST(NULL AS VARCHAR)"
             : column.type == columnar::Type::kNumber ? ", CAST(NULL AS DOUBLE)"
                                                      : ", CAST(NULL AS BIGINT)";
    added += " AS " + columnar::QuoteName(column.name);
    fields.push_back({column.name, column.type});
  }
  return added.empty() ? source : "(SELECT *" + added + " FROM " + source + ")";
}

}  // namespace

class ScanBuilder {
 public:
  ScanBuilder(const columnar::Database& database, const Files& files, const ScanRequest& request)
      : database_(database), files_(files), request_(request) {}

  Result<std::unique_ptr<InferenceScan>> Build() {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (TRY(TakeSnapshot())) return MakeScan();
    }
    return Error(Code::kUnavailable, "inference store: it changes too fast to be read; try again");
  }

 private:
  struct PinnedFile {
    ArchiveFile file;
    std::string path;    // by name
    std::string opened;  // what to read
    UniqueFd fd;
    ino_t inode = 0;
  };

  // Segments first, then parquet: what moves from one to the other in between is seen in both, and the
  // parquet file says so. False: something vanished on the way; start over.
  Result<bool> TakeSnapshot();
  Status ReadSegments();
  bool InWindow(const std::string& date) const;
  Result<bool> PinFiles();
  Result<bool> LeaveOutCopies();
  Status AddLiveTable(InferenceScan& scan);
  std::string Source(const InferenceScan& scan) const;
  Result<std::unique_ptr<InferenceScan>> MakeScan();

  const columnar::Database& database_;
  const Files& files_;
  const ScanRequest& request_;
  RecordColumns columns_;
  std::vector<LoadedSegment> segments_;
  std::vector<PinnedFile> pinned_;
  std::map<std::string, std::set<int64_t>> committed_;  // segment → days that are in parquet
};

bool ScanBuilder::InWindow(const std::string& date) const {
  return (!request_.from || date >= FormatDate(*request_.from)) && (!request_.to || date <= FormatDate(*request_.to));
}

Status ScanBuilder::ReadSegments() {
  const std::string wal = inference::WalFolder(request_.store_folder);
  if (!files_.Exists(wal)) return {};
  const std::vector<FileInfo> listing = TRY(files_.List(wal));
  std::set<std::string> ids;
  for (const FileInfo& info : listing) {
    const auto created = inference::SegmentNameTime(info.name);
    if (!created.ok()) continue;
    if ((request_.to && *created >= *request_.to + kSlack) ||
        (request_.from && info.modified + kSlack < *request_.from)) {
      continue;
    }
    const std::string path = JoinPath(wal, info.name);
    auto bytes = files_.Read(path);
    if (!bytes.ok()) {
      if (bytes.error().code() == Code::kNotFound) continue;  // just moved: parquet has it
      return bytes.error();
    }
    auto segment = ScanSegment(path, std::move(bytes).value(), columns_);
    if (!segment.ok() || segment->records_by_day.empty()) continue;  // empty, damaged or newer than we are
    if (ids.insert(segment->id).second) segments_.push_back(std::move(segment).value());
  }
  return {};
}

Result<bool> ScanBuilder::PinFiles() {
  if (!files_.Exists(request_.store_folder)) return true;
  std::vector<ArchiveFile> wanted = ArchiveFilesOf(TRY(files_.List(request_.store_folder)));
  std::erase_if(wanted, [&](const ArchiveFile& file) { return !InWindow(file.date); });
  for (ArchiveFile& file : wanted) {
    PinnedFile pin;
    pin.path = JoinPath(request_.store_folder, file.Name());
    pin.opened = columnar::LiteralPath(pin.path);
    pin.file = std::move(file);
    if (wanted.size() <= kMostPinned) {
      pin.fd.Reset(::open(pin.path.c_str(), O_RDONLY | O_CLOEXEC));
      struct stat info {};
      if (!pin.fd.valid() || ::fstat(pin.fd.get(), &info) != 0) return false;
      pin.inode = info.st_ino;
      pin.opened = "/proc/self/fd/" + std::to_string(pin.fd.get());
    }
    pinned_.push_back(std::move(pin));
  }
  // A merge between two opens would show the one file before it and the other after it.
  for (const PinnedFile& pin : pinned_) {
    struct stat info {};
    if (!pin.fd.valid()) continue;
    if (::stat(pin.path.c_str(), &info) != 0 || info.st_ino != pin.inode) return false;
  }
  return true;
}

Result<bool> ScanBuilder::LeaveOutCopies() {
  std::vector<std::string> paths;
  for (const PinnedFile& pin : pinned_) paths.push_back(pin.opened);
  auto metadata = TRY(ReadArchiveMetadata(database_, paths));
  std::set<std::string> left_out;
  for (const auto& [path, about] : metadata) left_out.insert(about.replaces.begin(), about.replaces.end());
  std::erase_if(pinned_, [&](const PinnedFile& pin) {
    const std::string& id = metadata[pin.opened].file_id;
    return !id.empty() && !left_out.insert(id).second;
  });
  for (const PinnedFile& pin : pinned_) {
    const int64_t day = DayOf(*ParseTime(pin.file.date + "T00:00:00Z"));
    for (const std::string& segment : metadata[pin.opened].segments) committed_[segment].insert(day);
  }
  // A segment that is neither there any more nor named by a file we see went into one we do not see.
  for (const LoadedSegment& segment : segments_) {
    const auto committed = committed_.find(segment.id);
    for (const auto& [day, records] : segment.records_by_day) {
      if (!InWindow(FormatDate(WallTime(std::chrono::days(day))))) continue;
      if (committed != committed_.end() && committed->second.contains(day)) continue;
      if (!files_.Exists(segment.path)) return false;
    }
  }
  return true;
}

Result<bool> ScanBuilder::TakeSnapshot() {
  columns_ = RecordColumns();
  segments_.clear();
  pinned_.clear();
  committed_.clear();
  TRY(ReadSegments());
  if (!TRY(PinFiles())) return false;
  return LeaveOutCopies();
}

Status ScanBuilder::AddLiveTable(InferenceScan& scan) {
  SegmentMerge merge(segments_, columns_, [this](const LoadedSegment& segment, const inference::StoredRecord& record) {
    const bool in_window =
        (!request_.from || record.time >= *request_.from) && (!request_.to || record.time < *request_.to);
    const auto committed = committed_.find(segment.id);
    return in_window && (committed == committed_.end() || !committed->second.contains(DayOf(record.time)));
  });
  while (const auto frame = merge.Next(262'144)) {
    if (scan.table_.empty()) {
      scan.table_ = "vigia_live_of_" + scan.relation_;
      TRY(database_.AddTable(scan.table_, *frame));
      continue;
    }
    const std::string part = scan.table_ + "_part";
    TRY(database_.AddTable(part, *frame));
    TRY(database_.Execute("INSERT INTO " + scan.table_ + " SELECT * FROM " + part));
    TRY(database_.Execute("DROP TABLE " + part));
  }
  return {};
}

std::string ScanBuilder::Source(const InferenceScan& scan) const {
  std::vector<std::string> paths;
  for (const PinnedFile& pin : pinned_) paths.push_back(QuoteText(pin.opened));
  const std::string parquet =
      paths.empty() ? "" : "SELECT * FROM read_parquet([" + Join(paths, ", ") + "], union_by_name = true)";
  const std::string live = scan.table_.empty() ? "" : "SELECT * FROM " + scan.table_;
  if (parquet.empty()) return live;
  return live.empty() ? parquet : parquet + " UNION ALL BY NAME " + live;
}

Result<std::unique_ptr<InferenceScan>> ScanBuilder::MakeScan() {
  static std::atomic<uint64_t> counter{0};
  std::unique_ptr<InferenceScan> scan(new InferenceScan(database_));
  scan->relation_ = fmt::format("vigia_inferences_{}", counter++);
  TRY(AddLiveTable(*scan));
  if (scan->table_.empty() && pinned_.empty()) {  // nothing stored: our columns, no rows
    scan->table_ = "vigia_live_of_" + scan->relation_;
    TRY(database_.AddTable(scan->table_, RecordColumns().EmptyFrame()));
  }
  std::string source = "(" + Source(*scan) + ")";
  {
    const columnar::Rows shape = TRY(database_.Query("SELECT * FROM " + source + " LIMIT 0"));
    scan->fields_ = shape.fields();
  }
  source = TRY(WithOurColumns(source, scan->fields_));
  TRY(database_.Execute("CREATE VIEW " + scan->relation_ + " AS SELECT " + SelectList(scan->fields_) + " FROM " +
                        source + Where(request_)));
  for (PinnedFile& pin : pinned_) {
    if (pin.fd.valid()) scan->pinned_.push_back(std::move(pin.fd));
  }
  return scan;
}

InferenceScan::~InferenceScan() {
  // The database may be in use or gone bad; what stays behind is memory of an in-memory database.
  (void)database_.Execute("DROP VIEW IF EXISTS " + relation_).ok();
  if (!table_.empty()) (void)database_.Execute("DROP TABLE IF EXISTS " + table_).ok();
}

bool InferenceScan::HasColumn(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(), [&](const columnar::Field& field) { return field.name == name; });
}

Result<std::unique_ptr<InferenceScan>> ScanInferences(const columnar::Database& database, const Files& files,
                                                      const ScanRequest& request) {
  return ScanBuilder(database, files, request).Build();
}

}  // namespace vigia::archive
