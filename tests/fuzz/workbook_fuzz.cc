// Workbooks: any bytes as a file, and any bytes as the parts of a well-formed zip.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "workbook/test_zip.h"
#include "workbook/workbook.h"

namespace {

using namespace vigia::workbook;  // NOLINT: a fuzz target is a program of its own

Limits SmallLimits() {
  Limits limits;
  limits.cells = 20000;
  limits.text_bytes = 4 << 20;
  limits.part_bytes = 32 << 20;
  return limits;
}

// What the reader promises about whatever it accepts.
void CheckSheet(const Sheet& sheet, const Limits& limits) {
  uint32_t last_row = 0;
  size_t cells = 0;
  for (const Sheet::Row& row : sheet.rows) {
    if (row.number <= last_row || row.number > limits.rows || row.first_cell != cells) std::abort();
    last_row = row.number;
    cells += row.cell_count;
    for (size_t i = row.first_cell; i < cells; ++i) {
      const Cell& cell = sheet.cells[i];
      if (cell.column >= limits.columns || (i > row.first_cell && cell.column <= sheet.cells[i - 1].column))
        std::abort();
      const bool text = cell.type == CellType::kText || cell.type == CellType::kError;
      if (text && sheet.Text(cell).size() > limits.cell_bytes) std::abort();
    }
  }
  if (cells != sheet.cells.size()) std::abort();
}

void ReadAll(std::string_view bytes) {
  const Limits limits = SmallLimits();
  const auto book = ReadWorkbook(bytes, limits);
  if (!book.ok()) {
    if (book.error().message().empty()) std::abort();
    return;
  }
  for (const Sheet& sheet : book->sheets) CheckSheet(sheet, limits);
}

// Pieces between "\n\n": the sheet's rows, the shared strings, the styles, the workbook's options.
std::string Zipped(std::string_view input) {
  std::string pieces[4];
  for (std::string& piece : pieces) {
    const size_t end = std::min(input.find("\n\n"), input.size());
    piece = std::string(input.substr(0, end));
    input.remove_prefix(std::min(end + 2, input.size()));
  }
  return MakeBook({{{"PEDE2022", pieces[0]}}, pieces[1], pieces[2], pieces[3]});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  ReadAll(input);
  ReadAll(Zipped(input));
  return 0;
}
