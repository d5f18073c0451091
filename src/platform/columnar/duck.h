// Inside this module only: owners of DuckDB's handles, its errors as ours, its types as ours.
#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/chunk.h"

namespace vigia::columnar {

// One line; text in quotes is left out where it may be data.
Error FromDuck(duckdb_error_type type, const char* message);

struct OwnedConnection {
  std::shared_ptr<void> database;  // keeps the database alive
  duckdb_connection handle = nullptr;
  OwnedConnection() = default;
  OwnedConnection(const OwnedConnection&) = delete;
  OwnedConnection& operator=(const OwnedConnection&) = delete;
  ~OwnedConnection() { duckdb_disconnect(&handle); }
};

struct OwnedType {
  duckdb_logical_type handle;
  explicit OwnedType(duckdb_logical_type type) : handle(type) {}
  OwnedType(const OwnedType&) = delete;
  OwnedType& operator=(const OwnedType&) = delete;
  ~OwnedType() { duckdb_destroy_logical_type(&handle); }
};

// How a DuckDB column becomes one of ours. Immutable after construction.
struct Conversion {
  Type type = Type::kNumber;
  duckdb_type stored = DUCKDB_TYPE_DOUBLE;  // as the vector holds it
  bool is_decimal = false;
  double decimal_factor = 1;
  std::vector<std::string> enum_names;
};
Result<Conversion> ConversionOf(duckdb_logical_type type, const std::string& column);
duckdb_type DuckType(Type type);

struct Chunk::Vectors {
  struct Column {
    const Conversion* conversion = nullptr;
    const void* data = nullptr;
    uint64_t* validity = nullptr;   // null: all valid
    std::vector<double> numbers;    // when converted
    std::vector<int64_t> integers;  // when converted
  };

  // Takes the chunk. `conversions` is shared by all chunks of a result.
  Vectors(duckdb_data_chunk taken, std::shared_ptr<const std::vector<Conversion>> with);
  Vectors(const Vectors&) = delete;
  Vectors& operator=(const Vectors&) = delete;
  ~Vectors() { duckdb_destroy_data_chunk(&chunk); }

  duckdb_data_chunk chunk;
  std::shared_ptr<const std::vector<Conversion>> conversions;
  size_t rows;
  std::vector<Column> columns;
};

// Copies rows [from, from + count) of the frame into a chunk of the same columns.
void FillChunk(const Frame& frame, size_t from, size_t count, duckdb_data_chunk chunk);

}  // namespace vigia::columnar
