// How the cells of a sheet become values: one pure function per kind of column.
#pragma once

#include <string_view>

#include "dataset/header_table.h"
#include "dataset/source.h"

namespace vigia::dataset {

// What had to be done to a cell. Each is counted in the quality report.
enum class Note {
  kNone,
  kEmpty,        // nothing there
  kPlaceholder,  // "INCLUIR", "N/A": missing
  kErrorCell,    // "#N/A", "#DIV/0!": missing
  kFromDate,     // an age that was stored as a date of January 1900
  kRespelled,    // "Menina" -> "Feminino", "Pública" -> "Publica", "ALFA" -> 0
  kClipped,      // a score just above 10 -> 10
  kOutOfRange,   // impossible: missing
  kUnknown,      // a category that the table does not know: "Outro", or missing
  kBad,          // neither a value nor a placeholder
};

struct Value {
  double number = 0;  // NaN is missing; a category is its level's index in the catalogue
  Note note = Note::kNone;
};

// A cell's content; `text` is set for kText and kError.
struct CellView {
  CellKind kind = CellKind::kEmpty;
  double number = 0;
  std::string_view text;
};

// `feature` names the catalogue's entry, whose range or levels apply.
Value ReadValue(Reading reading, std::string_view feature, const CellView& cell);

}  // namespace vigia::dataset
