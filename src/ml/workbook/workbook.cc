#include "workbook/workbook.h"

#include <algorithm>

#include "workbook/parts.h"
#include "workbook/sheet_parser.h"
#include "workbook/styles.h"

namespace vigia::workbook {

const Sheet* Workbook::Find(std::string_view name) const {
  const auto found = std::find_if(sheets.begin(), sheets.end(), [&](const Sheet& sheet) { return sheet.name == name; });
  return found == sheets.end() ? nullptr : &*found;
}

Result<Workbook> ReadWorkbook(std::string_view bytes, const Limits& limits) {
  const auto archive = TRY(Archive::Open(bytes, limits));
  const Parts parts = TRY(FindParts(*archive, limits));
  Budget budget{limits.cells, limits.text_bytes};
  SharedStrings shared;
  if (!parts.shared_strings.empty() && archive->Has(parts.shared_strings)) {
    shared = TRY(ReadSharedStrings(*archive, parts.shared_strings, limits, budget));
  }
  std::vector<bool> date_styles;
  if (!parts.styles.empty() && archive->Has(parts.styles)) {
    date_styles = TRY(ReadDateStyles(*archive, parts.styles, limits));
  }
  const SheetContext context{shared, date_styles, parts.date_system, limits};
  Workbook workbook;
  for (const SheetPart& part : parts.sheets) {
    workbook.sheets.push_back(TRY(ReadSheet(*archive, part, context, budget)));
  }
  return workbook;
}

std::string CellAddress(uint32_t column, uint32_t row) {
  std::string letters;
  for (uint64_t left = uint64_t{column} + 1; left > 0; left = (left - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (left - 1) % 26));
  }
  return letters + std::to_string(row);
}

}  // namespace vigia::workbook
