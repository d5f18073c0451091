#include "retention/retention.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/locked.h"
#include "base/text.h"

namespace vigia::retention {

namespace {

constexpr std::string_view kStore = "monitoring/inference_store";
constexpr std::string_view kReports = "monitoring/reports";
constexpr const char* kLineFiles[] = {"monitoring/labels_store.jsonl", "monitoring/inference_store.jsonl",
                                      "logs/inference_store.jsonl", "logs/drift_events.jsonl"};

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Takes `prefix` off the front, or nothing.
std::optional<std::string_view> After(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

std::optional<WallTime> DayOf(std::string_view year, std::string_view month, std::string_view day) {
  const auto time = ParseTime(Join({std::string(year), std::string(month), std::string(day)}, "-") + "T00:00:00Z");
  return time.ok() ? std::optional(*time) : std::nullopt;
}

// inferences_YYYY-MM-DD.parquet, inferences_YYYY-MM-DD_NN.parquet.
std::optional<WallTime> DateOfParquet(std::string_view name) {
  const auto rest = After(name, "inferences_");
  if (!rest || rest->size() < 18 || !rest->ends_with(".parquet")) return std::nullopt;
  const std::string_view number = rest->substr(10, rest->size() - 18);
  if (!number.empty() && (number[0] != '_' || !AllDigits(number.substr(1)))) return std::nullopt;
  if ((*rest)[4] != '-' || (*rest)[7] != '-') return std::nullopt;
  return DayOf(rest->substr(0, 4), rest->substr(5, 2), rest->substr(8, 2));
}

// drift_metrics_YYYYMMDD[_…].json, performance_report_YYYYMMDD[_…].html, …
std::optional<WallTime> DateOfReport(std::string_view name) {
  for (const std::string_view kind :
       {"drift_metrics_", "drift_report_", "performance_metrics_", "performance_report_"}) {
    const auto rest = After(name, kind);
    if (!rest) continue;
    if (rest->size() < 13 || !(rest->ends_with(".json") || rest->ends_with(".html"))) return std::nullopt;
    if (!AllDigits(rest->substr(0, 8)) || ((*rest)[8] != '_' && (*rest)[8] != '.')) return std::nullopt;
    return DayOf(rest->substr(0, 4), rest->substr(4, 2), rest->substr(6, 2));
  }
  return std::nullopt;
}

// app.1.log, app.log.1, app.log.1.gz; never the audit log.
bool IsRotatedLog(std::string_view name) {
  if (name.starts_with("audit")) return false;
  if (name.ends_with(".gz")) name.remove_suffix(3);
  std::vector<std::string_view> parts = Split(name, '.');
  if (parts.size() < 3) return false;
  const std::string_view last = parts[parts.size() - 1], before = parts[parts.size() - 2];
  return (last == "log" && AllDigits(before)) || (before == "log" && AllDigits(last));
}

std::optional<WallTime> TimeOfRecord(std::string_view line) {
  const auto json = ParseJson(line);
  if (!json.ok() || !json->is_object()) return std::nullopt;
  const auto field = json->find("timestamp");
  if (field == json->end() || !field->is_string()) return std::nullopt;
  const std::string& text = field->get_ref<const std::string&>();
  auto time = ParseTime(text);
  if (!time.ok()) time = ParseTime(text + "Z");  // Python's isoformat() of a time in UTC
  return time.ok() ? std::optional(*time) : std::nullopt;
}

Result<std::vector<FileInfo>> ListIfThere(const Files& files, const std::string& folder) {
  if (!files.Exists(folder)) return std::vector<FileInfo>{};
  return files.List(folder);
}

class Planner {
 public:
  Planner(Files& files, const std::string& home, WallTime cutoff) : files_(files), home_(home) {
    plan_.cutoff = cutoff;
  }

  Status AddParquet();
  Status AddSegments();
  Status AddReports();
  Status AddLogs();
  Status AddLines();
  Plan Take() { return std::move(plan_); }

 private:
  // A day is old when all of it is before the cutoff.
  bool IsOldDay(WallTime day) const { return day + std::chrono::hours(24) <= plan_.cutoff; }
  void Remove(const std::string& below, const FileInfo& info, const char* area) {
    plan_.removals.push_back({JoinPath(below, info.name), area, info.size});
  }
  Status AddReportFolder(const std::string& below, bool keep_newest);

  Files& files_;
  const std::string& home_;
  Plan plan_;
};

Status Planner::AddParquet() {
  for (const FileInfo& info : TRY(ListIfThere(files_, JoinPath(home_, kStore)))) {
    const auto day = DateOfParquet(info.name);
    if (info.is_directory || !day) continue;
    if (IsOldDay(*day)) {
      Remove(std::string(kStore), info, "inference_store");
    } else {
      ++plan_.kept_files;
    }
  }
  return {};
}

Status Planner::AddSegments() {
  const std::string below = JoinPath(kStore, "wal");
  for (const FileInfo& info : TRY(ListIfThere(files_, JoinPath(home_, below)))) {
    const bool segment = info.name.ends_with(".seg"), damaged = info.name.ends_with(".seg.damaged");
    if (info.is_directory || !(segment || damaged)) continue;
    if (info.modified >= plan_.cutoff) {
      ++plan_.kept_files;
    } else if (segment && !files_.Lock(JoinPath(JoinPath(home_, below), info.name)).ok()) {
      ++plan_.kept_files;
      plan_.in_use.push_back(JoinPath(below, info.name));
    } else {
      Remove(below, info, "segments");
    }
  }
  return {};
}

Status Planner::AddReportFolder(const std::string& below, bool keep_newest) {
  const auto listing = TRY(ListIfThere(files_, JoinPath(home_, below)));
  // The newest date of each kind ("drift_metrics", …): names sort by date.
  std::map<std::string, std::string> newest;
  for (const FileInfo& info : listing) {
    if (DateOfReport(info.name)) newest[info.name.substr(0, info.name.find("_2"))] = info.name;
  }
  for (const FileInfo& info : listing) {
    const auto day = DateOfReport(info.name);
    if (info.is_directory || !day) continue;
    const bool is_newest = keep_newest && newest[info.name.substr(0, info.name.find("_2"))] == info.name;
    if (IsOldDay(*day) && !is_newest) {
      Remove(below, info, "reports");
    } else {
      ++plan_.kept_files;
    }
  }
  return {};
}

Status Planner::AddReports() {
  for (const FileInfo& version : TRY(ListIfThere(files_, JoinPath(home_, kReports)))) {
    if (!version.is_directory) continue;
    const std::string below = JoinPath(kReports, version.name);
    TRY(AddReportFolder(below, true));
    TRY(AddReportFolder(JoinPath(below, "history"), false));
  }
  return {};
}

Status Planner::AddLogs() {
  for (const FileInfo& info : TRY(ListIfThere(files_, JoinPath(home_, "logs")))) {
    if (info.is_directory || !IsRotatedLog(info.name)) continue;
    if (info.modified < plan_.cutoff) {
      Remove("logs", info, "logs");
    } else {
      ++plan_.kept_files;
    }
  }
  return {};
}

Status Planner::AddLines() {
  for (const char* below : kLineFiles) {
    const auto text = files_.Read(JoinPath(home_, below));
    if (!text.ok() && text.error().code() == Code::kNotFound) continue;
    if (!text.ok()) return text.error();
    SplitLines split = SplitByAge(*text, plan_.cutoff);
    split.counts.path = below;
    plan_.rewrites.push_back(std::move(split.counts));
  }
  return {};
}

// Labels have a lock that `vigia labels add` takes; the others are written by nobody of ours.
Result<uint64_t> RewriteFile(Files& files, const std::string& path, WallTime cutoff) {
  const auto lock = TRY(files.Lock(path + ".lock"));
  const SplitLines split = SplitByAge(TRY(files.Read(path)), cutoff);
  if (split.counts.removed > 0) TRY(files.Write(path, split.kept));
  return split.counts.removed;
}

Status RemoveFile(Files& files, const std::string& home, const Removal& removal) {
  const std::string path = JoinPath(home, removal.path);
  if (removal.area != "segments" || !path.ends_with(".seg")) return files.Remove(path);
  const auto lock = TRY(files.Lock(path));  // a service may have taken it since
  return files.Remove(path);
}

}  // namespace

SplitLines SplitByAge(std::string_view text, WallTime cutoff) {
  SplitLines split;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view raw = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(raw.size());
    if (Trim(raw).empty()) {
      split.kept += raw;
      continue;
    }
    ++split.counts.total;
    const auto time = TimeOfRecord(Trim(raw));
    if (time && *time < cutoff) {
      ++split.counts.removed;
      continue;
    }
    ++(time ? split.counts.retained : split.counts.skipped);
    split.kept += raw;
  }
  return split;
}

Result<Plan> MakePlan(Files& files, const std::string& home, const Settings& settings, WallTime now) {
  if (settings.days < 1) return Error(Code::kInvalidArgument, "retention: days must be 1 or more");
  Planner planner(files, home, now - std::chrono::hours(24) * settings.days);
  TRY(planner.AddParquet());
  TRY(planner.AddSegments());
  TRY(planner.AddReports());
  if (settings.logs == Logs::kRemove) TRY(planner.AddLogs());
  TRY(planner.AddLines());
  return planner.Take();
}

Result<Outcome> Execute(Files& files, const std::string& home, const Plan& plan) {
  std::unique_ptr<FileLock> compaction;
  const std::string store = JoinPath(home, kStore);
  if (files.Exists(store)) {
    compaction = TRY(LockOrBusy(files, JoinPath(store, "compact.lock"), "retention: compaction is running"));
  }
  Outcome outcome;
  for (const Removal& removal : plan.removals) {
    const Status removed = RemoveFile(files, home, removal);
    if (removed.ok()) {
      ++outcome.removed_files;
      outcome.removed_bytes += removal.bytes;
    } else {
      outcome.failed.push_back(removed.error().message());
    }
  }
  for (const Rewrite& rewrite : plan.rewrites) {
    if (rewrite.removed == 0) continue;
    const auto removed = RewriteFile(files, JoinPath(home, rewrite.path), plan.cutoff);
    if (removed.ok()) {
      outcome.removed_records += *removed;
    } else {
      outcome.failed.push_back(removed.error().message());
    }
  }
  return outcome;
}

Json ToJson(const Plan& plan, const Settings& settings, Run run, const Outcome& outcome) {
  Json files = Json::object(), removed = Json::array(), logs = Json::array();
  uint64_t total = 0, gone = 0, retained = 0, skipped = 0, bytes = 0;
  for (const Rewrite& rewrite : plan.rewrites) {
    files[rewrite.path] = {{"total", rewrite.total},
                           {"removed", rewrite.removed},
                           {"retained", rewrite.retained},
                           {"skipped", rewrite.skipped}};
    total += rewrite.total;
    gone += rewrite.removed;
    retained += rewrite.retained;
    skipped += rewrite.skipped;
  }
  for (const Removal& removal : plan.removals) {
    (removal.area == "logs" ? logs : removed).push_back(removal.path);
    bytes += removal.bytes;
  }
  return {{"retention_days", settings.days},
          {"cutoff_date", FormatTime(plan.cutoff)},
          {"dry_run", run == Run::kDry},
          {"files", files},
          {"removed_files", removed},
          {"log_files", {{"included", settings.logs == Logs::kRemove}, {"removed", logs}}},
          {"totals",
           {{"total", total},
            {"removed", gone},
            {"retained", retained},
            {"skipped", skipped},
            {"removed_files", run == Run::kDry ? plan.removals.size() : outcome.removed_files},
            {"removed_bytes", run == Run::kDry ? bytes : outcome.removed_bytes},
            {"kept_files", plan.kept_files}}},
          {"in_use", plan.in_use},
          {"failed", outcome.failed}};
}

}  // namespace vigia::retention
