// SQL over columnar files, in memory, in bounded memory and threads. What is queried streams.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "columnar/chunk.h"
#include "columnar/frame.h"

namespace vigia::columnar {

struct DatabaseSettings {
  unsigned threads = 2;
  uint64_t memory_limit_bytes = 1ULL << 30;
  std::string temp_folder;  // where big sorts and joins may spill; empty: they fail at the memory limit instead
};

// Bound to $1, $2, … of a query. A list becomes an SQL list of texts, e.g. the paths of read_parquet($1).
using Value = std::variant<std::monostate, bool, int64_t, double, std::string, WallTime, std::vector<std::string>>;

enum class FileFormat { kParquet, kCsv };
// Of a parquet file: kSmall (zstd) to be kept, kFast (snappy) to be handed on.
enum class Compression { kSmall, kFast };

// Keys and values kept in a parquet file's footer. SQL reads them with parquet_kv_metadata.
using FileMetadata = std::vector<std::pair<std::string, std::string>>;

// A query's result, read once, forward. Keeps its database alive. Not thread-safe.
class Rows {
 public:
  struct State;
  explicit Rows(std::unique_ptr<State> state);
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

  const std::vector<Field>& fields() const;
  // The next rows, or nullopt after the last.
  Result<std::optional<Chunk>> Next();
  // All that is left, in memory.
  Result<Frame> ReadAll();

 private:
  std::unique_ptr<State> state_;
};

// Batches to write: nullopt ends them. Every batch has the columns that were announced, in their order.
// Called from the database's threads, one call at a time.
using FrameSource = std::function<Result<std::optional<Frame>>()>;

// Functions for SQL, called from several of the database's threads at once. A null is a NaN or a view without data, and
// a NaN in a result becomes null. Codes are never null.
//
// Of rows: one span per argument, all as long as the result. Called for every row once: it may count.
template <class In>
using RowFunction = std::function<void(std::span<const std::span<const In>> arguments, std::span<double> result)>;
using NumberFunction = RowFunction<double>;
using CodeFunction = RowFunction<uint16_t>;
// Of one column, and pure: of a column with a dictionary it may be called for the dictionary's values, which are fewer
// than rows, and of which some may be in no row.
template <class In, class Out>
using ColumnFunction = std::function<void(std::span<const In> values, std::span<Out> result)>;
using NumberMap = ColumnFunction<double, double>;
using NumberCoder = ColumnFunction<double, uint16_t>;
using TextCoder = ColumnFunction<std::string_view, uint16_t>;

// Thread-safe: every query has a connection of its own, and tables are shared by all.
// Nothing is installed, auto-loaded or fetched: only what is built in works.
class Database {
 public:
  static Result<Database> Open(const DatabaseSettings& settings);

  // One statement. Its text is the program's own; values and paths from outside go into `parameters`.
  // File paths may hold wildcards; LiteralPath escapes them.
  Result<Rows> Query(const std::string& sql, const std::vector<Value>& parameters = {}) const;
  Status Execute(const std::string& sql, const std::vector<Value>& parameters = {}) const;

  // Makes a table from a frame. Error when the name is taken.
  Status AddTable(const std::string& name, const Frame& frame) const;

  // Makes `name` callable in queries, of that many arguments (DOUBLE; USMALLINT for codes), or of one (DOUBLE, or
  // VARCHAR for texts). Error when the name is taken.
  Status AddFunction(const std::string& name, size_t arguments, NumberFunction function) const;
  Status AddFunction(const std::string& name, size_t arguments, CodeFunction function) const;
  Status AddFunction(const std::string& name, NumberMap function) const;
  Status AddFunction(const std::string& name, NumberCoder function) const;
  Status AddFunction(const std::string& name, TextCoder function) const;

  // The query's rows as a file: written aside, fsynced, renamed. The path's folder must exist.
  Status WriteQuery(const std::string& sql, const std::vector<Value>& parameters, const std::string& path,
                    FileFormat format, const FileMetadata& metadata = {},
                    Compression compression = Compression::kSmall) const;
  // The same from batches, without holding them all.
  Status WriteBatches(const std::vector<Field>& fields, const FrameSource& source, const std::string& path,
                      FileFormat format, const FileMetadata& metadata = {}) const;

  // Straight into an existing file, e.g. one in memory; for this module's own use.
  Status WriteBatchesInto(const std::vector<Field>& fields, const FrameSource& source, const std::string& path,
                          FileFormat format, const FileMetadata& metadata = {}) const;

  struct Handle;

 private:
  explicit Database(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<Handle> handle_;
};

// The path with the wildcards of file names ([ * ?) made literal.
std::string LiteralPath(std::string_view path);
// An identifier for SQL, in double quotes.
std::string QuoteName(std::string_view name);

}  // namespace vigia::columnar
