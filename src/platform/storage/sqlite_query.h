// One query on a SQLite file of somebody else: read-only, with a deadline, bounded.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace vigia::storage {

struct QueryRows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // NULL is empty; all as long as columns
};

// Rows beyond `max_rows` are not read. kInvalidArgument: not one statement that only reads;
// kNotFound: no such file; kDeadlineExceeded; others as the database says.
Result<QueryRows> QuerySqliteFile(const std::string& path, const std::string& sql, Duration timeout, size_t max_rows);

}  // namespace vigia::storage
