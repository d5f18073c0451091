#include "sample/workbook.h"

#include <unistd.h>
#include <xlsxwriter.h>

#include <limits>

namespace vigia::sample {

namespace {

constexpr int kExcelsDateFormat = 14;       // "m/d/yyyy" in Excel's numbering of built-in formats
constexpr time_t kCreated = 1'704'067'200;  // 2024-01-01: fixed, so that equal sheets give equal bytes

Error LibraryError(lxw_error error, const std::string& path) {
  return Error(error == LXW_ERROR_MEMORY_MALLOC_FAILED ? Code::kResourceExhausted : Code::kInternal,
               path + ": " + lxw_strerror(error));
}

lxw_error WriteCell(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, const Cell& cell, lxw_format* date) {
  switch (cell.kind) {
    case Cell::Kind::kEmpty: return LXW_NO_ERROR;
    case Cell::Kind::kText:
      return cell.text.empty() ? LXW_NO_ERROR : worksheet_write_string(sheet, row, column, cell.text.c_str(), nullptr);
    case Cell::Kind::kNumber: return worksheet_write_number(sheet, row, column, cell.number, nullptr);
    case Cell::Kind::kDate: return worksheet_write_number(sheet, row, column, cell.number, date);
    case Cell::Kind::kError:
      // The library has no cells of type error; a formula whose kept result is the error's name reads the same.
      return worksheet_write_formula_str(sheet, row, column, cell.text == "#N/A" ? "=NA()" : "=1/0", nullptr,
                                         cell.text.c_str());
  }
  return LXW_NO_ERROR;
}

lxw_error WriteSheet(lxw_workbook* workbook, const Sheet& sheet, lxw_format* date) {
  lxw_worksheet* target = workbook_add_worksheet(workbook, sheet.name.c_str());
  if (target == nullptr) return LXW_ERROR_MEMORY_MALLOC_FAILED;
  for (size_t column = 0; column < sheet.headers.size(); ++column) {
    if (sheet.headers[column].empty()) continue;
    const auto error =
        worksheet_write_string(target, 0, static_cast<lxw_col_t>(column), sheet.headers[column].c_str(), nullptr);
    if (error != LXW_NO_ERROR) return error;
  }
  for (size_t row = 0; row < sheet.rows.size(); ++row) {
    for (size_t column = 0; column < sheet.rows[row].size(); ++column) {
      const auto error = WriteCell(target, static_cast<lxw_row_t>(row + 1), static_cast<lxw_col_t>(column),
                                   sheet.rows[row][column], date);
      if (error != LXW_NO_ERROR) return error;
    }
  }
  return LXW_NO_ERROR;
}

Status WriteAside(const std::vector<Sheet>& sheets, const std::string& aside, const std::string& path) {
  lxw_workbook* workbook = workbook_new(aside.c_str());
  if (workbook == nullptr) return Error(Code::kResourceExhausted, path + ": out of memory");
  lxw_doc_properties properties{};
  properties.created = kCreated;
  workbook_set_properties(workbook, &properties);
  lxw_format* date = workbook_add_format(workbook);
  format_set_num_format_index(date, kExcelsDateFormat);
  lxw_error failed = LXW_NO_ERROR;
  for (const Sheet& sheet : sheets) {
    failed = WriteSheet(workbook, sheet, date);
    if (failed != LXW_NO_ERROR) break;
  }
  const lxw_error closed = workbook_close(workbook);  // frees the workbook, also when it fails
  if (failed != LXW_NO_ERROR) return LibraryError(failed, path);
  if (closed != LXW_NO_ERROR) return LibraryError(closed, path);
  return {};
}

}  // namespace

Status WriteWorkbook(const std::vector<Sheet>& sheets, const std::string& path, Files& files) {
  TRY(files.MakeFolders(ParentPath(path)));
  const std::string aside = path + ".tmp-" + std::to_string(::getpid());
  const Status written = WriteAside(sheets, aside, path);
  const Status done = [&]() -> Status {
    TRY(Status(written));
    return files.Write(path, TRY(files.Read(aside)));
  }();
  if (files.Exists(aside)) static_cast<void>(files.Remove(aside).ok());
  return done;
}

}  // namespace vigia::sample
