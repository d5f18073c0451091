// What may be deleted, and the deleting.
//
// The date of a parquet file or a report is the one in its name, since copying changes other dates; of
// a segment and of a rotated log it is the last change; of a record it is its own `timestamp`.
// Kept always: what is newer, what cannot be dated or parsed, baselines, the newest drift and
// performance report of each version, segments that a running service holds, the audit log (a chain of
// hashes), the logs that are being written, and every file whose name is not one of ours.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "retention/settings.h"

namespace vigia::retention {

// A whole file to remove.
struct Removal {
  std::string path;  // below the home
  std::string area;  // "inference_store", "segments", "reports", "logs"
  uint64_t bytes = 0;
};

// A file of one record a line, to be rewritten without the old ones.
struct Rewrite {
  std::string path;
  uint64_t total = 0, removed = 0, retained = 0, skipped = 0;  // skipped: no date, or not a record; kept
};

// A whole look at the home: what will be done, and what was seen.
struct Plan {
  WallTime cutoff{};
  std::vector<Removal> removals;
  std::vector<Rewrite> rewrites;
  uint64_t kept_files = 0;
  std::vector<std::string> in_use;  // segments older than the cutoff that a process holds: kept
};

// kInvalidArgument when `settings.days` is below 1. What is not there is nothing to remove. Changes
// nothing; Files is not const because asking whether a segment is in use takes its lock for a moment.
Result<Plan> MakePlan(Files& files, const std::string& home, const Settings& settings, WallTime now);

struct Outcome {
  uint64_t removed_files = 0, removed_bytes = 0, removed_records = 0;
  std::vector<std::string> failed;  // path and why; the rest was done
};
// Carries out the plan. Lines that were appended meanwhile stay: files are read again under their lock.
// kUnavailable, with nothing done, while the inference store is being compacted.
Result<Outcome> Execute(Files& files, const std::string& home, const Plan& plan);

enum class Run { kDry, kReal };
// Fields of the published tool: retention_days, cutoff_date, dry_run, files, totals, log_files.
Json ToJson(const Plan& plan, const Settings& settings, Run run, const Outcome& outcome);

// Splits lines of records into what stays and what is older than the cutoff. Pure.
struct SplitLines {
  std::string kept;
  Rewrite counts;
};
SplitLines SplitByAge(std::string_view text, WallTime cutoff);

}  // namespace vigia::retention
