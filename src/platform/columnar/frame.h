// A small typed table in memory: what is read from and written to columnar files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace vigia::columnar {

enum class Type { kBool, kInt64, kNumber, kText, kTimestamp };
std::string_view TypeName(Type type);  // "bool", "integer", "number", "text", "timestamp"

// Only the vector of the column's type is filled; where `nulls` is 1 its entry is a zero value.
struct Column {
  std::string name;
  Type type = Type::kNumber;
  std::vector<int64_t> integers;   // kInt64; kBool as 0 or 1; kTimestamp as microseconds since 1970, UTC
  std::vector<double> numbers;     // kNumber
  std::vector<std::string> texts;  // kText, UTF-8
  std::vector<uint8_t> nulls;      // 1: no value. One per row

  size_t size() const { return nulls.size(); }
  bool IsNull(size_t row) const { return nulls[row] != 0; }

  void AppendNull();
  void AppendInteger(int64_t value);        // REQUIRES: kInt64
  void AppendBool(bool value);              // REQUIRES: kBool
  void AppendNumber(double value);          // REQUIRES: kNumber; NaN becomes null
  void AppendText(std::string_view value);  // REQUIRES: kText
  void AppendTimestamp(WallTime value);     // REQUIRES: kTimestamp
};

struct Frame {
  std::vector<Column> columns;  // of equal length, with distinct names

  size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
  // Null when there is none; valid until the columns change.
  const Column* Find(std::string_view name) const;
  Column& Add(std::string name, Type type);  // valid until the next Add
};

}  // namespace vigia::columnar
