// Whole files as frames. For what does not fit in memory see database.h.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "columnar/database.h"
#include "columnar/frame.h"

namespace vigia::columnar {

// How CSV becomes typed: everything as it is written, or types found by looking at the values.
// The first line names the columns; the separator (, ; tab |) is found; an empty field is null.
enum class CsvTypes { kAllText, kFind };

// Errors: kNotFound, kInvalidArgument (empty, truncated, not that format, a nested type). They name the path.
Result<Frame> ReadParquet(const std::string& path);
Result<Frame> ReadCsv(const std::string& path, CsvTypes types);
// Crash-safe: written aside, fsynced, renamed. The folder must exist.
Status WriteParquet(const std::string& path, const Frame& frame);
Status WriteCsv(const std::string& path, const Frame& frame);

// The same in memory, for callers that have a Files.
Result<Frame> DecodeParquet(std::string_view bytes);
Result<Frame> DecodeCsv(std::string_view bytes, CsvTypes types);
// With a database at hand: opening one costs more than a small file does.
Result<Frame> DecodeCsv(const Database& database, std::string_view bytes, CsvTypes types);
Result<std::string> EncodeParquet(const Frame& frame);
Result<std::string> EncodeCsv(const Frame& frame);

}  // namespace vigia::columnar
