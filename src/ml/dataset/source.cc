#include "dataset/source.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "base/text.h"
#include "catalog/names.h"
#include "columnar/frame_io.h"
#include "workbook/workbook.h"

namespace vigia::dataset {

namespace {

constexpr uint64_t kLargestFile = 512ULL << 20;

// "PEDE2023", "pede_2023.csv": the year that a name ends in or holds.
std::optional<int> YearInName(std::string_view name) {
  std::optional<int> year;
  for (size_t i = 0; i + 4 <= name.size(); ++i) {
    const auto number = ParseInteger(name.substr(i, 4));
    const bool before = i > 0 && name[i - 1] >= '0' && name[i - 1] <= '9';
    const bool after = i + 4 < name.size() && name[i + 4] >= '0' && name[i + 4] <= '9';
    if (number && *number >= 2000 && *number < 2100 && !before && !after) year = static_cast<int>(*number);
  }
  return year;
}

std::string Extension(std::string_view path) {
  const size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? "" : ToLowerAscii(path.substr(dot + 1));
}

class TextPool {
 public:
  explicit TextPool(std::vector<std::string>& texts) : texts_(texts) {}
  uint32_t Add(std::string_view text) {
    const auto [it, is_new] = index_.emplace(std::string(text), static_cast<uint32_t>(texts_.size()));
    if (is_new) texts_.emplace_back(text);
    return it->second;
  }

 private:
  std::vector<std::string>& texts_;
  std::map<std::string, uint32_t> index_;
};

RawCell FromWorkbookCell(const workbook::Sheet& sheet, const workbook::Cell& cell, TextPool& pool) {
  switch (cell.type) {
    case workbook::CellType::kEmpty: return {};
    case workbook::CellType::kNumber: return {CellKind::kNumber, 0, cell.number};
    case workbook::CellType::kBool: return {CellKind::kBool, 0, cell.number};
    case workbook::CellType::kDate: return {CellKind::kDate, 0, cell.number};
    case workbook::CellType::kError: return {CellKind::kError, pool.Add(sheet.Text(cell)), 0};
    case workbook::CellType::kText: {
      const std::string_view text = Trim(sheet.Text(cell));
      return text.empty() ? RawCell{} : RawCell{CellKind::kText, pool.Add(text), 0};
    }
  }
  CHECK(false, "unknown kind of cell");
}

std::string HeaderText(const workbook::Sheet& sheet, const workbook::Cell& cell) {
  const bool text = cell.type == workbook::CellType::kText || cell.type == workbook::CellType::kError;
  return text ? std::string(Trim(sheet.Text(cell))) : FormatNumber(cell.number);
}

// The first row that holds something names the columns.
Result<SourceSheet> FromWorkbookSheet(const workbook::Sheet& sheet, int year) {
  SourceSheet source;
  source.name = sheet.name;
  source.year = year;
  if (sheet.rows.empty()) return Error(Code::kInvalidArgument, "sheet '" + sheet.name + "' is empty");
  const workbook::Sheet::Row& head = sheet.rows.front();
  for (size_t i = head.first_cell; i < head.first_cell + head.cell_count; ++i) {
    const workbook::Cell& cell = sheet.cells[i];
    source.headers.resize(cell.column + 1);
    source.headers[cell.column] = HeaderText(sheet, cell);
  }
  if (source.headers.size() > 1000) {
    return Error(Code::kResourceExhausted, "sheet '" + sheet.name + "' has more than 1000 columns");
  }
  TextPool pool(source.texts);
  for (size_t r = 1; r < sheet.rows.size(); ++r) {
    const workbook::Sheet::Row& row = sheet.rows[r];
    const size_t start = source.cells.size();
    source.cells.resize(start + source.headers.size());
    bool any = false;
    for (size_t i = row.first_cell; i < row.first_cell + row.cell_count; ++i) {
      const workbook::Cell& cell = sheet.cells[i];
      if (cell.column >= source.headers.size()) continue;
      source.cells[start + cell.column] = FromWorkbookCell(sheet, cell, pool);
      any = any || source.cells[start + cell.column].kind != CellKind::kEmpty;
    }
    if (any) {
      source.row_numbers.push_back(row.number);
    } else {
      source.cells.resize(start);
    }
  }
  return source;
}

Status LoadWorkbook(const std::string& path, std::string_view bytes, Sources& sources) {
  const workbook::Workbook book = TRY_CONTEXT(workbook::ReadWorkbook(bytes), path);
  const auto is_pede = [](const workbook::Sheet& sheet) { return catalog::FoldName(sheet.name).starts_with("pede"); };
  // Beside sheets of PEDE, another with a year in its name ("Dicionario 2024") is no year of data.
  const bool any_pede = std::any_of(book.sheets.begin(), book.sheets.end(), is_pede);
  for (const workbook::Sheet& sheet : book.sheets) {
    const auto year = YearInName(sheet.name);
    if (year && (!any_pede || is_pede(sheet))) {
      sources.sheets.push_back(TRY_CONTEXT(FromWorkbookSheet(sheet, *year), path));
    } else {
      sources.other_names.push_back(sheet.name);
    }
  }
  return {};
}

RawCell FromFrameCell(const columnar::Column& column, size_t row, TextPool& pool) {
  if (column.IsNull(row)) return {};
  switch (column.type) {
    case columnar::Type::kBool: return {CellKind::kBool, 0, static_cast<double>(column.integers[row])};
    case columnar::Type::kInt64: return {CellKind::kNumber, 0, static_cast<double>(column.integers[row])};
    case columnar::Type::kNumber: return {CellKind::kNumber, 0, column.numbers[row]};
    case columnar::Type::kTimestamp: return {CellKind::kDate, 0, static_cast<double>(column.integers[row]) / 86.4e9};
    case columnar::Type::kText: {
      const std::string_view text = Trim(column.texts[row]);
      return text.empty() ? RawCell{} : RawCell{CellKind::kText, pool.Add(text), 0};
    }
  }
  CHECK(false, "unknown type of column");
}

std::optional<int> YearOfCell(const columnar::Column& column, size_t row) {
  if (column.IsNull(row)) return std::nullopt;
  std::optional<double> value;
  if (column.type == columnar::Type::kInt64) value = static_cast<double>(column.integers[row]);
  if (column.type == columnar::Type::kNumber) value = column.numbers[row];
  if (column.type == columnar::Type::kText) value = ParseNumber(Trim(column.texts[row]));
  if (!value || *value < 2000 || *value >= 2100 || *value != std::floor(*value)) return std::nullopt;
  return static_cast<int>(*value);
}

}  // namespace

Status AddFrame(const std::string& path, const columnar::Frame& frame, Sources& sources) {
  const std::string name = BaseName(path);
  const auto ano = std::find_if(frame.columns.begin(), frame.columns.end(),
                                [](const auto& column) { return catalog::FoldName(column.name) == "ano"; });
  const std::optional<int> file_year = YearInName(name);
  if (ano == frame.columns.end() && !file_year) {
    return Error(Code::kInvalidArgument, path + ": no year in the file's name, and no column 'ano'");
  }
  if (frame.rows() == 0) return Error(Code::kInvalidArgument, path + ": the file holds no rows");
  std::map<int, std::vector<size_t>> rows_of_year;
  for (size_t row = 0; row < frame.rows(); ++row) {
    const std::optional<int> year = ano == frame.columns.end() ? file_year : YearOfCell(*ano, row);
    if (!year)
      return Error(Code::kInvalidArgument, path + ": line " + std::to_string(row + 2) + ": column 'ano' is no year");
    rows_of_year[*year].push_back(row);
  }
  for (const auto& [year, rows] : rows_of_year) {
    SourceSheet source;
    source.name = rows_of_year.size() == 1 ? name : name + " (" + std::to_string(year) + ")";
    source.year = year;
    for (const columnar::Column& column : frame.columns) source.headers.push_back(column.name);
    TextPool pool(source.texts);
    for (const size_t row : rows) {
      source.row_numbers.push_back(static_cast<uint32_t>(row + 2));
      for (const columnar::Column& column : frame.columns) source.cells.push_back(FromFrameCell(column, row, pool));
    }
    sources.sheets.push_back(std::move(source));
  }
  return {};
}

namespace {

Status LoadFile(const Files& files, const std::string& path, Sources& sources) {
  const FileInfo info = TRY(files.Info(path));
  if (info.size > kLargestFile) {
    return Error(Code::kResourceExhausted, path + ": larger than " + std::to_string(kLargestFile >> 20) + " MiB");
  }
  const std::string bytes = TRY(files.Read(path));
  const std::string extension = Extension(path);
  if (bytes.empty()) return Error(Code::kInvalidArgument, path + ": the file is empty");
  if (extension == "xlsx" || extension == "xlsm") return LoadWorkbook(path, bytes, sources);
  if (extension == "csv") {
    return AddFrame(path, TRY_CONTEXT(columnar::DecodeCsv(bytes, columnar::CsvTypes::kAllText), path), sources);
  }
  if (extension == "parquet") return AddFrame(path, TRY_CONTEXT(columnar::DecodeParquet(bytes), path), sources);
  return Error(Code::kInvalidArgument, path + ": not an .xlsx, .csv or .parquet file");
}

std::string ListNames(const Sources& sources) {
  std::vector<std::string> names;
  for (const SourceSheet& sheet : sources.sheets) names.push_back(sheet.name);
  names.insert(names.end(), sources.other_names.begin(), sources.other_names.end());
  return names.empty() ? "none" : Join(names, ", ");
}

}  // namespace

std::string SourceSheet::Where(size_t row, size_t column) const {
  return name + "!" + workbook::CellAddress(static_cast<uint32_t>(column), row_numbers[row]);
}

bool SourceSheet::IsEmptyColumn(size_t column) const {
  for (size_t row = 0; row < rows(); ++row) {
    const RawCell& cell = At(row, column);
    if (cell.kind == CellKind::kText && !IsPlaceholder(Text(cell))) return false;
    if (cell.kind != CellKind::kText && cell.kind != CellKind::kEmpty && cell.kind != CellKind::kError) return false;
  }
  return true;
}

bool IsPlaceholder(std::string_view text) {
  constexpr std::array<std::string_view, 18> kTexts = {"",      "#n/a",   "#div/0!", "#value!", "#ref!", "#name?",
                                                       "#num!", "#null!", "incluir", "n/a",     "na",    "nan",
                                                       "null",  "none",   "-",       "--",      "n/d",   "nd"};
  const std::string lower = ToLowerAscii(Trim(text));
  return std::find(kTexts.begin(), kTexts.end(), lower) != kTexts.end();
}

Result<Sources> LoadSources(const Files& files, const std::vector<std::string>& paths) {
  if (paths.empty()) return Error(Code::kInvalidArgument, "no source is given");
  Sources sources;
  for (const std::string& path : paths) {
    const FileInfo info = TRY(files.Info(path));
    if (!info.is_directory) {
      TRY(LoadFile(files, path, sources));
      continue;
    }
    size_t found = 0;
    for (const FileInfo& entry : TRY(files.List(path))) {
      const std::string extension = Extension(entry.name);
      const bool known = extension == "csv" || extension == "parquet" || extension == "xlsx";
      if (entry.is_directory || !known || !YearInName(entry.name)) continue;
      TRY(LoadFile(files, JoinPath(path, entry.name), sources));
      ++found;
    }
    if (found == 0) {
      return Error(Code::kNotFound,
                   path + ": the folder holds no .xlsx, .csv or .parquet file with a year in its name");
    }
  }
  std::sort(sources.sheets.begin(), sources.sheets.end(), [](const auto& a, const auto& b) { return a.year < b.year; });
  for (size_t i = 1; i < sources.sheets.size(); ++i) {
    const SourceSheet &a = sources.sheets[i - 1], &b = sources.sheets[i];
    if (a.year == b.year) {
      return Error(Code::kInvalidArgument,
                   "'" + a.name + "' and '" + b.name + "' are both of " + std::to_string(a.year));
    }
  }
  if (sources.sheets.empty()) {
    return Error(Code::kInvalidArgument,
                 "no sheet is named for a year, such as PEDE2023 (sheets: " + ListNames(sources) + ")");
  }
  return sources;
}

Result<const SourceSheet*> SheetOfYear(const Sources& sources, int year) {
  for (const SourceSheet& sheet : sources.sheets) {
    if (sheet.year == year) return &sheet;
  }
  return Error(Code::kNotFound,
               "there is no sheet of " + std::to_string(year) + " (sheets: " + ListNames(sources) + ")");
}

}  // namespace vigia::dataset
