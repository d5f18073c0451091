#include <sys/stat.h>

#include <filesystem>
#include <mutex>

#include "base/files.h"
#include "storage/ledger.h"
#include "storage/sqlite.h"

namespace vigia::storage {
namespace {

constexpr int64_t kFormat = 1;  // PRAGMA user_version; each change adds a migration

constexpr char kTables[] = R"sql(
  CREATE TABLE IF NOT EXISTS owner (
    id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, name TEXT NOT NULL, since TEXT NOT NULL);
  INSERT OR IGNORE INTO owner VALUES (1, 0, '', '');
  CREATE TABLE IF NOT EXISTS document (
    collection TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS stream (
    name TEXT NOT NULL, seq INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name, seq)) WITHOUT ROWID;
)sql";

struct Writing {
  Statement begin, commit, rollback, epoch, take_over, put, erase, append;
};
struct Reading {
  Statement get, list, page, read;
};

// Rolls back unless told otherwise.
class Transaction {
 public:
  explicit Transaction(Writing& statements) : statements_(statements) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (open_) static_cast<void>(statements_.rollback.Done());
  }
  Status Begin() {
    TRY(statements_.begin.Done());
    open_ = true;
    return {};
  }
  Status Commit() {
    TRY(statements_.commit.Done());
    open_ = false;
    return {};
  }

 private:
  Writing& statements_;
  bool open_ = false;
};

// A connection for each side: in WAL mode who reads does not wait for a commit to reach the disk.
class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(Connection writer, Writing writing, Connection reader, Reading reading)
      : writer_(std::move(writer)),
        statements_(std::move(writing)),
        reader_(std::move(reader)),
        reading_(std::move(reading)) {}

  Result<Epoch> TakeOver(std::string_view owner, WallTime now) override {
    const std::lock_guard lock(mutex_);
    const std::string since = FormatTime(now);
    Transaction transaction(statements_);
    TRY(transaction.Begin());
    TRY(statements_.take_over.Bind(1, owner).Bind(2, since).Done());
    const Epoch epoch = TRY(CurrentEpoch());
    TRY(transaction.Commit());
    return epoch;
  }

  Status Commit(Epoch epoch, const Batch& batch) override {
    const std::lock_guard lock(mutex_);
    Transaction transaction(statements_);
    TRY(transaction.Begin());
    if (TRY(CurrentEpoch()) != epoch) {
      return Error(Code::kFailedPrecondition, "another owner has taken the ledger over");
    }
    for (const Batch::Erase& erase : batch.erases) {
      TRY(statements_.erase.Bind(1, erase.collection).Bind(2, erase.key).Done());
    }
    for (const Batch::Put& put : batch.puts) {
      const std::string value = CompactJson(put.value);
      TRY(statements_.put.Bind(1, put.collection).Bind(2, put.key).Bind(3, value).Done());
    }
    for (const Batch::Append& append : batch.appends) {
      const std::string value = CompactJson(append.value);
      TRY(statements_.append.Bind(1, append.stream).Bind(2, value).Done());
    }
    return transaction.Commit();
  }

  Result<std::optional<Json>> Get(std::string_view collection, std::string_view key) const override {
    const std::lock_guard lock(read_mutex_);
    if (!TRY(reading_.get.Bind(1, collection).Bind(2, key).Step())) return std::optional<Json>();
    const std::string text = reading_.get.Text(0);
    reading_.get.Reset();
    return std::optional<Json>(TRY(ParseJson(text)));
  }

  Result<std::vector<Document>> List(std::string_view collection) const override {
    const std::lock_guard lock(read_mutex_);
    std::vector<Document> documents;
    reading_.list.Bind(1, collection);
    while (TRY(reading_.list.Step())) {
      auto value = ParseJson(reading_.list.Text(1));
      if (!value.ok()) {
        reading_.list.Reset();
        return value.error().Prefixed(collection);
      }
      documents.push_back({reading_.list.Text(0), *std::move(value)});
    }
    return documents;
  }

  Result<std::vector<Document>> Page(std::string_view collection, std::string_view before,
                                     size_t limit) const override {
    const std::lock_guard lock(read_mutex_);
    std::vector<Document> documents;
    const int64_t most = limit > INT32_MAX ? -1 : static_cast<int64_t>(limit);
    reading_.page.Bind(1, collection).Bind(2, before).Bind(3, most);
    while (TRY(reading_.page.Step())) {
      auto value = ParseJson(reading_.page.Text(1));
      if (!value.ok()) {
        reading_.page.Reset();
        return value.error().Prefixed(collection);
      }
      documents.push_back({reading_.page.Text(0), *std::move(value)});
    }
    return documents;
  }

  Result<std::vector<StreamEntry>> Read(std::string_view stream, int64_t after, size_t limit) const override {
    const std::lock_guard lock(read_mutex_);
    std::vector<StreamEntry> entries;
    const int64_t most = limit > INT32_MAX ? -1 : static_cast<int64_t>(limit);
    reading_.read.Bind(1, stream).Bind(2, after).Bind(3, most);
    while (TRY(reading_.read.Step())) {
      auto value = ParseJson(reading_.read.Text(1));
      if (!value.ok()) {
        reading_.read.Reset();
        return value.error().Prefixed(stream);
      }
      entries.push_back({reading_.read.Integer(0), *std::move(value)});
    }
    return entries;
  }

 private:
  Result<Epoch> CurrentEpoch() {
    if (!TRY(statements_.epoch.Step())) return Error(Code::kDataLoss, "database: the owner's row is missing");
    const Epoch epoch = statements_.epoch.Integer(0);
    statements_.epoch.Reset();
    return epoch;
  }

  // Statements come after their connection, so that they go first.
  std::mutex mutex_;
  Connection writer_;   // guarded by mutex_
  Writing statements_;  // guarded by mutex_
  mutable std::mutex read_mutex_;
  Connection reader_;        // guarded by read_mutex_
  mutable Reading reading_;  // guarded by read_mutex_
};

Result<Writing> PrepareWriting(Connection& connection) {
  Writing all;
  all.begin = TRY(connection.Prepare("BEGIN IMMEDIATE"));
  all.commit = TRY(connection.Prepare("COMMIT"));
  all.rollback = TRY(connection.Prepare("ROLLBACK"));
  all.epoch = TRY(connection.Prepare("SELECT epoch FROM owner WHERE id = 1"));
  all.take_over = TRY(connection.Prepare("UPDATE owner SET epoch = epoch + 1, name = ?1, since = ?2 WHERE id = 1"));
  all.put = TRY(connection.Prepare("INSERT OR REPLACE INTO document VALUES (?1, ?2, ?3)"));
  all.erase = TRY(connection.Prepare("DELETE FROM document WHERE collection = ?1 AND key = ?2"));
  all.append = TRY(connection.Prepare(
      "INSERT INTO stream VALUES (?1, 1 + ifnull((SELECT max(seq) FROM stream WHERE name = ?1), 0), ?2)"));
  return all;
}

Result<Reading> PrepareReading(Connection& connection) {
  Reading all;
  all.get = TRY(connection.Prepare("SELECT value FROM document WHERE collection = ?1 AND key = ?2"));
  all.list = TRY(connection.Prepare("SELECT key, value FROM document WHERE collection = ?1 ORDER BY key"));
  all.page =
      TRY(connection.Prepare("SELECT key, value FROM document WHERE collection = ?1 AND (?2 = '' OR key < ?2) "
                             "ORDER BY key DESC LIMIT ?3"));
  all.read =
      TRY(connection.Prepare("SELECT seq, value FROM stream WHERE name = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"));
  return all;
}

Result<int64_t> Pragma(Connection& connection, const char* sql) {
  Statement statement = TRY(connection.Prepare(sql));
  if (!TRY(statement.Step())) return Error(Code::kInternal, "database: a pragma gives nothing");
  const int64_t value = statement.Integer(0);
  return value;
}

Status MakeTables(Connection& connection, const std::string& path) {
  const int64_t format = TRY(Pragma(connection, "PRAGMA user_version"));
  const int64_t tables = TRY(Pragma(connection, "SELECT count(*) FROM sqlite_master"));
  if (format > kFormat) return Error(Code::kFailedPrecondition, path + " was written by a newer version");
  if (format == 0 && tables > 0) return Error(Code::kFailedPrecondition, path + " is another program's database");
  if (format == kFormat) return {};
  TRY(connection.Execute("BEGIN IMMEDIATE"));
  TRY(connection.Execute(kTables));
  TRY(connection.Execute(("PRAGMA user_version = " + std::to_string(kFormat)).c_str()));
  return connection.Execute("COMMIT");
}

}  // namespace

Result<std::unique_ptr<Ledger>> OpenSqliteLedger(const std::string& path) {
  std::error_code failed;
  const std::string folder = ParentPath(path);
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (failed) return Error(Code::kPermissionDenied, "cannot make the folder " + folder);
  Connection writer = TRY(Connection::Open(path));
  TRY_CONTEXT(writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"), path);
  TRY_CONTEXT(MakeTables(writer, path), path);
  ::chmod(path.c_str(), 0600);  // it holds addresses of people and outputs of commands
  Writing writing = TRY_CONTEXT(PrepareWriting(writer), path);
  Connection reader = TRY(Connection::Open(path));
  Reading reading = TRY_CONTEXT(PrepareReading(reader), path);
  return std::unique_ptr<Ledger>(
      std::make_unique<SqliteLedger>(std::move(writer), std::move(writing), std::move(reader), std::move(reading)));
}

}  // namespace vigia::storage
