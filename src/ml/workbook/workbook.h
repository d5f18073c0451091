// A spreadsheet file (.xlsx) as typed cells.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigia::workbook {

enum class CellType : uint8_t {
  kEmpty,
  kNumber,
  kText,
  kBool,
  kError,  // "#N/A", "#DIV/0!", …: text() is what the cell shows
  kDate,   // a number that its style shows as a date or time
};

struct Cell {
  uint32_t column = 0;  // 0 is A
  CellType type = CellType::kEmpty;
  uint32_t text = 0;  // kText, kError: index for Sheet::Text
  double number = 0;  // kNumber; kBool as 0 or 1; kDate as days since 1970-01-01, in either date system
};

// Read-only once read; then thread-safe. Only rows and cells that hold something are kept, in order.
class Sheet {
 public:
  struct Row {
    uint32_t number = 0;  // as people count: the first is 1
    size_t first_cell = 0, cell_count = 0;
  };

  std::string name;
  std::vector<Row> rows;
  std::vector<Cell> cells;

  // REQUIRES: kText or kError of this sheet. UTF-8.
  std::string_view Text(const Cell& cell) const {
    const TextPlace place = places[cell.text];
    return std::string_view(texts).substr(place.start, place.length);
  }

  struct TextPlace {
    uint32_t start = 0, length = 0;
  };
  std::string texts;  // all distinct-by-place texts, one after the other
  std::vector<TextPlace> places;
};

struct Workbook {
  std::vector<Sheet> sheets;                       // in the order of the tabs; charts are left out
  const Sheet* Find(std::string_view name) const;  // null when there is none
};

// What is accepted; a file over a limit is an error that names the part and the limit. With the
// defaults, reading takes less than 512 MiB beside the given bytes.
struct Limits {
  size_t sheets = 64;
  size_t columns = 16384;            // the format's own limit
  size_t rows = 1048576;             // the format's own limit, per sheet
  size_t cells = 12'000'000;         // kept, in all sheets
  size_t cell_bytes = 256 << 10;     // one text; the format allows 32767 characters
  size_t text_bytes = 96ULL << 20;   // all texts, the shared ones and each sheet's
  uint64_t part_bytes = 1ULL << 30;  // one part, inflated
  uint64_t ratio = 400;              // inflated to stored bytes of a part over 16 MiB
  size_t depth = 32;                 // nested XML elements
};

// Shared and inline strings (rich text included), the 1900 and 1904 date systems, formulas' cached
// values. Errors: kInvalidArgument (no workbook, truncated, a broken part, a DOCTYPE),
// kResourceExhausted (a limit).
Result<Workbook> ReadWorkbook(std::string_view bytes, const Limits& limits = {});

// "H17" of column 7 and row 17.
std::string CellAddress(uint32_t column, uint32_t row);

}  // namespace vigia::workbook
