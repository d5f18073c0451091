// What a store holds, and making it hold everything in parquet.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "archive/compactor.h"

namespace vigia::archive {

struct StoreStatus {
  uint64_t records = 0;  // of every kind, parquet and segments
  uint64_t parquet_files = 0, parquet_bytes = 0;
  std::string oldest_date, newest_file;  // empty: none
  std::optional<WallTime> newest_written;
  uint64_t segments = 0, segment_bytes = 0;  // not yet in parquet
  uint64_t damaged_segments = 0;             // kept aside
  std::optional<WallTime> oldest_segment;    // with records
};

Result<StoreStatus> ReadStoreStatus(const columnar::Database& database, const Files& files,
                                    const std::string& store_folder);

struct FlushReport {
  CompactReport compacted;
  uint64_t still_open = 0;  // segments whose writers did not close them in time
};

// Asks the writers to close their segments and compacts until what was there at the call is in parquet,
// or for about five seconds. `pause` waits.
Result<FlushReport> Flush(const CompactSettings& settings, const columnar::Database& database, Files& files,
                          Entropy& entropy, const Clock& clock, const std::function<void(Duration)>& pause);

}  // namespace vigia::archive
