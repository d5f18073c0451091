// Inside this module: the cells of one sheet, and the strings that sheets share.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "workbook/archive.h"
#include "workbook/parts.h"
#include "workbook/workbook.h"

namespace vigia::workbook {

struct SharedStrings {
  std::string texts;
  std::vector<Sheet::TextPlace> places;
};

// What the sheets of a workbook may still take of the limits.
struct Budget {
  size_t cells;
  size_t text_bytes;
};

Result<SharedStrings> ReadSharedStrings(const Archive& archive, const std::string& part, const Limits& limits,
                                        Budget& budget);

struct SheetContext {
  const SharedStrings& shared;
  const std::vector<bool>& date_styles;
  DateSystem date_system;
  const Limits& limits;
};
Result<Sheet> ReadSheet(const Archive& archive, const SheetPart& part, const SheetContext& context, Budget& budget);

// Days since 1970-01-01 of a serial date. The 1900 system counts a 29 February 1900 that never was.
double DaysSinceEpoch(double serial, DateSystem system);

}  // namespace vigia::workbook
