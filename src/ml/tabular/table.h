// A table in memory: named columns of equal length, each numeric or categorical.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigia::tabular {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

enum class ColumnType { kNumber, kCategory };

struct Column {
  std::string name;
  ColumnType type = ColumnType::kNumber;
  std::vector<double> numbers;      // kNumber: kMissing, or finite
  std::vector<int32_t> codes;       // kCategory: index into levels; -1 is missing
  std::vector<std::string> levels;  // kCategory: distinct values, in order of first appearance

  size_t size() const { return type == ColumnType::kNumber ? numbers.size() : codes.size(); }
  bool IsMissing(size_t row) const;
  size_t MissingCount() const;
  // REQUIRES: kCategory and not missing.
  const std::string& Level(size_t row) const { return levels[static_cast<size_t>(codes[row])]; }
};

// Value type. Not thread-safe while written.
class Table {
 public:
  size_t rows() const { return columns_.empty() ? 0 : columns_.front().size(); }
  const std::vector<Column>& columns() const { return columns_; }
  // Null when there is none; valid until the table changes.
  const Column* Find(std::string_view name) const;

  // REQUIRES: a new name, and as many rows as the table has (any number for the first column).
  void AddNumbers(std::string name, std::vector<double> values);
  void AddCategories(std::string name, const std::vector<std::optional<std::string>>& values);
  void Add(Column column);
  void Drop(std::string_view name);

  Table SelectRows(const std::vector<size_t>& rows) const;

  // The rows of `other` below ours. Columns that only one has are missing in the other's rows.
  // Error when a name is numeric in one and categorical in the other.
  Status Append(const Table& other);

 private:
  std::vector<Column> columns_;
};

}  // namespace vigia::tabular
