// Up to 2048 rows of a query's result, in the database's own memory where types allow.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/frame.h"

namespace vigia::columnar {

struct Field {
  std::string name;
  Type type = Type::kNumber;
};

// Move-only. Views into it live as long as it does. Not thread-safe.
// Narrow integers arrive as kInt64; float, decimal and 128-bit integers as kNumber; dates and times of
// every resolution as kTimestamp; enumerations as kText.
class Chunk {
 public:
  struct Vectors;  // what the database gave

  explicit Chunk(std::unique_ptr<Vectors> vectors);
  Chunk(Chunk&&) noexcept;
  Chunk& operator=(Chunk&&) noexcept;
  ~Chunk();

  size_t rows() const;
  size_t columns() const;
  bool HasNulls(size_t column) const;
  bool IsNull(size_t column, size_t row) const;
  // One entry per row; what stands where a value is null is unspecified. REQUIRES: the column's type.
  std::span<const double> Numbers(size_t column) const;      // kNumber
  std::span<const int64_t> Integers(size_t column) const;    // kInt64
  std::span<const int64_t> Timestamps(size_t column) const;  // kTimestamp: microseconds since 1970, UTC
  std::span<const bool> Bools(size_t column) const;          // kBool
  std::string_view Text(size_t column, size_t row) const;    // kText, not null

  // Appends the rows to a frame with one column per field. REQUIRES: the same fields.
  void AppendTo(Frame& frame) const;

 private:
  std::unique_ptr<Vectors> vectors_;
};

}  // namespace vigia::columnar
