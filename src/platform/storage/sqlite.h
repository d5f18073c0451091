// SQLite with owners: a connection, prepared statements, and errors as Results. Used inside storage only.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vigia::storage {

// A prepared statement, bound and stepped again and again. Texts that are bound must outlive the run.
class Statement {
 public:
  Statement() = default;
  Statement& Bind(int index, std::string_view text);
  Statement& Bind(int index, int64_t number);
  Result<bool> Step();  // true: there is a row
  Status Done();        // runs it to its end and makes it ready for the next use
  std::string Text(int column) const;
  int64_t Integer(int column) const;
  void Reset();

 private:
  friend class Connection;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

class Connection {
 public:
  static Result<Connection> Open(const std::string& path);
  Status Execute(const char* sql);
  Result<Statement> Prepare(const char* sql);

 private:
  struct Closer {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  explicit Connection(sqlite3* database) : database_(database) {}
  std::unique_ptr<sqlite3, Closer> database_;
};

}  // namespace vigia::storage
