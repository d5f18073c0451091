#include "storage/sqlite_query.h"

#include <sqlite3.h>

#include <memory>

namespace vigia::storage {
namespace {

using Steady = std::chrono::steady_clock;

struct Closer {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// Called every so many instructions; not zero ends the query.
int PastDeadline(void* deadline) { return Steady::now() >= *static_cast<Steady::time_point*>(deadline) ? 1 : 0; }

Error QueryFailure(sqlite3* database) {
  const std::string message = std::string("database: ") + sqlite3_errmsg(database);
  switch (sqlite3_errcode(database) & 0xff) {
    case SQLITE_INTERRUPT: return Error(Code::kDeadlineExceeded, "database: the query took too long");
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Error(Code::kUnavailable, message);
    case SQLITE_CANTOPEN: return Error(Code::kNotFound, message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Error(Code::kDataLoss, message);
    case SQLITE_ERROR: return Error(Code::kInvalidArgument, message);
    default: return Error(Code::kInternal, message);
  }
}

std::string TextOf(sqlite3_stmt* statement, int column) {
  const unsigned char* text = sqlite3_column_text(statement, column);
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

}  // namespace

Result<QueryRows> QuerySqliteFile(const std::string& path, const std::string& sql, Duration timeout, size_t max_rows) {
  auto deadline = Steady::now() + timeout;
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  const std::unique_ptr<sqlite3, Closer> database(raw);
  if (opened != SQLITE_OK) return QueryFailure(raw).Prefixed(path);
  sqlite3_busy_timeout(raw, static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count()));
  sqlite3_progress_handler(raw, 1'000, PastDeadline, &deadline);

  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v2(raw, sql.c_str(), static_cast<int>(sql.size()) + 1, &prepared, &rest);
  const std::unique_ptr<sqlite3_stmt, Finalizer> statement(prepared);
  if (code != SQLITE_OK) return QueryFailure(raw);
  const bool alone = std::string_view(rest).find_first_not_of("; \t\r\n") == std::string_view::npos;
  if (prepared == nullptr || !alone || sqlite3_stmt_readonly(prepared) == 0) {
    return Error(Code::kInvalidArgument, "the query must be one statement that only reads");
  }
  QueryRows result;
  const int columns = sqlite3_column_count(prepared);
  for (int i = 0; i < columns; ++i) result.columns.emplace_back(sqlite3_column_name(prepared, i));
  while (result.rows.size() < max_rows) {
    const int step = sqlite3_step(prepared);
    if (step == SQLITE_DONE) break;
    if (step != SQLITE_ROW) return QueryFailure(raw);
    std::vector<std::string>& row = result.rows.emplace_back();
    for (int i = 0; i < columns; ++i) row.push_back(TextOf(prepared, i));
  }
  return result;
}

}  // namespace vigia::storage
