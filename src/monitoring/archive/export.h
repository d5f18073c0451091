// One row per record of a scan, oldest first, as a file for other tools.
#pragma once

#include <string>
#include <string_view>

#include "archive/inference_scan.h"
#include "base/progress.h"

namespace vigia::archive {

enum class ExportFormat { kCsv, kJsonLines, kParquet };
// By the ending of the path: .csv, .jsonl, .parquet.
Result<ExportFormat> ExportFormatOf(std::string_view path);

// Rows written. Crash-safe: `path` is there whole or not at all. Its folder is made. Times are
// "2026-11-20T10:35:00.123456Z" in text formats; null is empty in CSV and null in JSON.
Result<uint64_t> Export(const columnar::Database& database, Files& files, const InferenceScan& scan,
                        const std::string& path, ExportFormat format, Progress& progress);

}  // namespace vigia::archive
