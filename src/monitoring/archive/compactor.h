// Moves closed segments into parquet, each record exactly once. docs/inference-archive.md has the protocol.
#pragma once

#include <cstdint>
#include <string>

#include "archive/archive_files.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/random.h"
#include "columnar/database.h"

namespace vigia::archive {

// <home>/monitoring/inference_store
std::string StoreFolder(const std::string& home);

struct CompactSettings {
  std::string store_folder;
  uint64_t batch_bytes = 128ULL << 20;  // of segments that are held in memory together
  MergeSettings merge;
};

struct CompactReport {
  uint64_t segments = 0;  // moved and removed
  uint64_t records = 0;   // written to parquet by this run
  uint64_t files_written = 0;
  uint64_t files_merged = 0;    // that became part of another one
  uint64_t live_segments = 0;   // still being written: left alone
  uint64_t damaged = 0;         // segments with damage in the middle: kept aside as *.damaged
  uint64_t unknown_format = 0;  // written by a newer program: left alone
};

// One at a time per store, whatever the process: kUnavailable when another one is at work.
// May be killed at any instant; the next run completes what this one began.
Result<CompactReport> Compact(const CompactSettings& settings, const columnar::Database& database, Files& files,
                              Entropy& entropy, WallTime now);

}  // namespace vigia::archive
