#include "archive/day_merge.h"

#include <map>

#include "archive/archive_metadata.h"
#include "archive/folder_sync.h"
#include "archive/record_frame.h"
#include "base/json.h"
#include "base/text.h"
#include "inference/segment_file.h"

namespace vigia::archive {

namespace {

constexpr std::string_view kJournal = "merge.json";
constexpr std::string_view kWorkFolder = ".merge";
// Records of a day may still be on their way for so long after it ended.
constexpr Duration kGrace = std::chrono::minutes(10);

// What the journal promises: `merged` (complete, below the store) takes the place of `target`, and
// `removed` go. Written once `merged` is durable; from then on the merge is rolled forward.
struct Journal {
  std::string merged, target;
  std::vector<std::string> removed;
};

std::string ToText(const Journal& journal) {
  return PrettyJson({{"merged", journal.merged}, {"target", journal.target}, {"removed", journal.removed}});
}

Result<Journal> FromText(const std::string& text) {
  const Json json = TRY(ParseJson(text));
  Journal journal;
  journal.merged = TRY(GetString(json, "merged"));
  journal.target = TRY(GetString(json, "target"));
  for (const Json& name : *TRY(GetArray(json, "removed"))) {
    if (!name.is_string()) return Error(Code::kDataLoss, "a name is not text");
    journal.removed.push_back(name.get<std::string>());
  }
  for (const std::string& name : journal.removed) {
    if (!ParseArchiveName(name)) return Error(Code::kDataLoss, "it names a file that is not ours");
  }
  if (!ParseArchiveName(journal.target)) return Error(Code::kDataLoss, "it names a file that is not ours");
  return journal;
}

}  // namespace

DayMerger::DayMerger(std::string store_folder, const MergeSettings& settings, const columnar::Database& database,
                     Files& files, Entropy& entropy)
    : folder_(std::move(store_folder)), settings_(settings), database_(database), files_(files), entropy_(entropy) {}

Status DayMerger::Recover() {
  if (files_.Exists(JoinPath(folder_, kJournal))) TRY(Finish());
  TRY(files_.RemoveTree(JoinPath(folder_, kWorkFolder)));
  const std::vector<FileInfo> listing = TRY(files_.List(folder_));
  for (const FileInfo& info : listing) {
    // Only a writer under our lock makes these, and we hold it now.
    if (info.name.find(".parquet.tmp-") != std::string::npos) TRY(files_.Remove(JoinPath(folder_, info.name)));
  }
  return {};
}

Status DayMerger::Finish() {
  const std::string path = JoinPath(folder_, kJournal);
  const Journal journal = TRY_CONTEXT(FromText(TRY(files_.Read(path))), path);
  const std::string merged = JoinPath(folder_, journal.merged);
  // Missing: it already took the target's place.
  if (files_.Exists(merged)) TRY(files_.Rename(merged, JoinPath(folder_, journal.target)));
  for (const std::string& name : journal.removed) {
    if (files_.Exists(JoinPath(folder_, name))) TRY(files_.Remove(JoinPath(folder_, name)));
  }
  TRY(SyncFolder(folder_));  // what went must not come back once the journal is gone
  TRY(files_.Remove(path));
  return files_.RemoveTree(JoinPath(folder_, kWorkFolder));
}

Result<uint64_t> DayMerger::MergeDays(WallTime now) {
  uint64_t merged = 0;
  while (true) {
    std::map<std::string, std::vector<ArchiveFile>> days;
    for (ArchiveFile& file : ArchiveFilesOf(TRY(files_.List(folder_)))) days[file.date].push_back(std::move(file));
    bool found = false;
    for (const auto& [date, day] : days) {
      const DayState state = date < FormatDate(now - kGrace) ? DayState::kClosed : DayState::kOpen;
      const auto plan = PlanMerge(day, state, settings_);
      if (!plan) continue;
      const auto first = day.begin() + static_cast<ptrdiff_t>(plan->first);
      TRY(Merge(std::vector<ArchiveFile>(first, first + static_cast<ptrdiff_t>(plan->count))));
      merged += plan->count - 1;
      found = true;
    }
    if (!found) return merged;
  }
}

Status DayMerger::Merge(const std::vector<ArchiveFile>& group) {
  std::vector<std::string> paths;
  for (const ArchiveFile& file : group) paths.push_back(JoinPath(folder_, file.Name()));
  ArchiveMetadata metadata{RandomHex(entropy_, 16), {}, {}};
  const auto parts = TRY(ReadArchiveMetadata(database_, paths));
  for (const auto& [path, part] : parts) {
    if (!part.file_id.empty()) metadata.replaces.insert(part.file_id);
    metadata.segments.insert(part.segments.begin(), part.segments.end());
  }
  // A segment that is gone for good needs no remembering; what is still there may be read again.
  const std::string wal = inference::WalFolder(folder_);
  std::set<std::string> present;
  if (files_.Exists(wal)) {
    const std::vector<FileInfo> listing = TRY(files_.List(wal));
    for (const FileInfo& info : listing) {
      const size_t dash = info.name.find('-');
      if (dash != std::string::npos) present.insert(info.name.substr(dash + 1, 32));
    }
  }
  std::erase_if(metadata.segments, [&](const std::string& id) { return !present.contains(id); });

  Journal journal{JoinPath(kWorkFolder, group.front().Name()), group.front().Name(), {}};
  for (size_t i = 1; i < group.size(); ++i) journal.removed.push_back(group[i].Name());
  TRY(files_.MakeFolders(JoinPath(folder_, kWorkFolder)));
  std::vector<std::string> literal;
  for (const std::string& path : paths) literal.push_back(columnar::LiteralPath(path));
  const std::string from = " FROM read_parquet($1, union_by_name = true)";
  const columnar::Rows shape = TRY(database_.Query("SELECT *" + from + " LIMIT 0", {literal}));
  TRY(database_.WriteQuery("SELECT " + SelectList(shape.fields()) + from, {literal}, JoinPath(folder_, journal.merged),
                           columnar::FileFormat::kParquet, ToFileMetadata(metadata)));
  TRY(files_.Write(JoinPath(folder_, kJournal), ToText(journal)));
  return Finish();
}

}  // namespace vigia::archive
