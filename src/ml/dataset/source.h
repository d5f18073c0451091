// Sheets as they were written, from any of the formats that hold them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "columnar/frame.h"

namespace vigia::dataset {

enum class CellKind : uint8_t { kEmpty, kNumber, kText, kBool, kError, kDate };

struct RawCell {
  CellKind kind = CellKind::kEmpty;
  uint32_t text = 0;  // kText, kError: index into SourceSheet::texts
  double number = 0;  // kNumber, kBool; kDate: days since 1970-01-01
};

struct SourceSheet {
  std::string name;  // of the sheet or file, for messages
  int year = 0;
  std::vector<std::string> headers;
  std::vector<RawCell> cells;         // rows × headers, row-major
  std::vector<uint32_t> row_numbers;  // as people count, per row
  std::vector<std::string> texts;

  size_t rows() const { return row_numbers.size(); }
  const RawCell& At(size_t row, size_t column) const { return cells[row * headers.size() + column]; }
  std::string_view Text(const RawCell& cell) const { return texts[cell.text]; }
  // "PEDE2023!H17"
  std::string Where(size_t row, size_t column) const;
  // No cell of the column holds anything but an error, a placeholder or blanks.
  bool IsEmptyColumn(size_t column) const;
};

// "INCLUIR", "#N/A", "-", "" and their like: what stands for no value.
bool IsPlaceholder(std::string_view text);

struct Sources {
  std::vector<SourceSheet> sheets;       // one per year, by year
  std::vector<std::string> other_names;  // sheets without a year in their name
};

// Adds one sheet per year of the column `ano`, or one for all rows, of the year in the path.
Status AddFrame(const std::string& path, const columnar::Frame& frame, Sources& sources);

// Each path: an .xlsx (its sheets named for a year), a .csv or .parquet (the year in its name, or a
// column `ano`), or a folder of such files. Two sheets of one year are an error.
Result<Sources> LoadSources(const Files& files, const std::vector<std::string>& paths);

// The sheet of a year; the error names the years and sheets that exist.
Result<const SourceSheet*> SheetOfYear(const Sources& sources, int year);

}  // namespace vigia::dataset
