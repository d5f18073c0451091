#include "storage/sqlite.h"

namespace vigia::storage {
namespace {

Error Failure(sqlite3* database) {
  const int code = sqlite3_errcode(database);
  const std::string message = std::string("database: ") + sqlite3_errmsg(database);
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM: return Error(Code::kResourceExhausted, message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Error(Code::kUnavailable, message);
    case SQLITE_CORRUPT: return Error(Code::kDataLoss, message);
    case SQLITE_NOTADB: return Error(Code::kFailedPrecondition, message);
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH: return Error(Code::kPermissionDenied, message);
    case SQLITE_CANTOPEN: return Error(Code::kNotFound, message);
    default: return Error(Code::kInternal, message);
  }
}

}  // namespace

Statement& Statement::Bind(int index, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), index, text.data() != nullptr ? text.data() : "", text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::Bind(int index, int64_t number) {
  sqlite3_bind_int64(statement_.get(), index, number);
  return *this;
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    Reset();
    return false;
  }
  Error error = Failure(sqlite3_db_handle(statement_.get()));
  Reset();
  return error;
}

Status Statement::Done() {
  while (TRY(Step())) {
  }
  return {};
}

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::string Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_.get(), column);
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column));
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

Result<Connection> Connection::Open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Connection connection(raw);
  if (code != SQLITE_OK) return Failure(raw).Prefixed(path);
  sqlite3_busy_timeout(raw, 5'000);
  return connection;
}

Status Connection::Execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return Failure(database_.get());
}

Result<Statement> Connection::Prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return Failure(database_.get());
  return Statement(statement);
}

}  // namespace vigia::storage
