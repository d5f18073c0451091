#include "dataset/load.h"

#include <cmath>
#include <limits>

#include "base/text.h"
#include "catalog/catalog.h"
#include "columnar/frame_io.h"

namespace vigia::dataset {

namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

bool IsIntegerName(std::string_view name) {
  if (name == catalog::kTarget || name == catalog::kYear || name == catalog::kPupil) return true;
  const catalog::RawFeature* feature = catalog::FindRaw(name);
  return feature != nullptr && feature->kind == catalog::Kind::kInteger;
}

// Whether the column must hold numbers: true, false, or nothing said by the catalogue.
std::optional<bool> WantsNumbers(std::string_view name) {
  if (IsIntegerName(name)) return true;
  const catalog::RawFeature* feature = catalog::FindRaw(name);
  if (feature == nullptr) return std::nullopt;
  return feature->kind != catalog::Kind::kCategory;
}

std::vector<double> Numbers(const columnar::Column& column) {
  std::vector<double> numbers;
  const bool is_double = column.type == columnar::Type::kNumber;
  for (size_t row = 0; row < column.size(); ++row) {
    const double value = is_double ? column.numbers[row] : static_cast<double>(column.integers[row]);
    numbers.push_back(column.IsNull(row) || !std::isfinite(value) ? kNoNumber : value);
  }
  return numbers;
}

// The texts as numbers; the first that is none, as its row.
std::vector<double> ParseTexts(const columnar::Column& column, std::optional<size_t>& first_bad) {
  std::vector<double> numbers;
  for (size_t row = 0; row < column.size(); ++row) {
    const std::string_view text = column.IsNull(row) ? std::string_view() : Trim(column.texts[row]);
    const auto number = ParseNumber(text);
    if (!text.empty() && !number && !first_bad) first_bad = row;
    numbers.push_back(number.value_or(kNoNumber));
  }
  return numbers;
}

std::vector<std::optional<std::string>> Categories(const columnar::Column& column) {
  std::vector<std::optional<std::string>> values;
  for (size_t row = 0; row < column.size(); ++row) {
    const bool none = column.IsNull(row) || column.texts[row].empty();
    values.push_back(none ? std::nullopt : std::optional<std::string>(column.texts[row]));
  }
  return values;
}

Status AddText(const columnar::Column& column, tabular::Table& table) {
  const std::optional<bool> wants = WantsNumbers(column.name);
  std::optional<size_t> first_bad;
  std::vector<double> numbers = ParseTexts(column, first_bad);
  if (wants == true && first_bad) {
    return Error(Code::kInvalidArgument, "line " + std::to_string(*first_bad + 2) + ": column '" + column.name +
                                             "' holds something that is not a number");
  }
  if (wants == true || (!wants && !first_bad)) {
    table.AddNumbers(column.name, std::move(numbers));
  } else {
    table.AddCategories(column.name, Categories(column));
  }
  return {};
}

}  // namespace

Result<tabular::Table> FromFrame(const columnar::Frame& frame) {
  tabular::Table table;
  for (const columnar::Column& column : frame.columns) {
    if (table.Find(column.name) != nullptr) {
      return Error(Code::kInvalidArgument, "two columns are named '" + column.name + "'");
    }
    if (column.type == columnar::Type::kText) {
      TRY(AddText(column, table));
    } else if (WantsNumbers(column.name) == false) {
      return Error(Code::kInvalidArgument, "column '" + column.name + "' holds numbers, not categories");
    } else {
      table.AddNumbers(column.name, Numbers(column));
    }
  }
  return table;
}

columnar::Frame ToFrame(const tabular::Table& table) {
  columnar::Frame frame;
  for (const tabular::Column& column : table.columns()) {
    const bool category = column.type == tabular::ColumnType::kCategory;
    const bool integer = !category && IsIntegerName(column.name);
    columnar::Column& out = frame.Add(column.name, category  ? columnar::Type::kText
                                                   : integer ? columnar::Type::kInt64
                                                             : columnar::Type::kNumber);
    for (size_t row = 0; row < column.size(); ++row) {
      if (column.IsMissing(row)) {
        out.AppendNull();
      } else if (category) {
        out.AppendText(column.Level(row));
      } else if (integer) {
        out.AppendInteger(std::llround(column.numbers[row]));
      } else {
        out.AppendNumber(column.numbers[row]);
      }
    }
  }
  return frame;
}

Result<tabular::Table> LoadDataset(const Files& files, const std::string& path) {
  const std::string bytes = TRY(files.Read(path));
  const bool csv = path.ends_with(".csv");
  if (!csv && !path.ends_with(".parquet")) {
    return Error(Code::kInvalidArgument, path + ": not a .parquet or .csv file");
  }
  const columnar::Frame frame = csv ? TRY_CONTEXT(columnar::DecodeCsv(bytes, columnar::CsvTypes::kAllText), path)
                                    : TRY_CONTEXT(columnar::DecodeParquet(bytes), path);
                                    if (frame.rows() == 0)
                                      return Error(Code::kInvalidArgument, path + ": the file holds no rows");
                                    return FromFrame(frame).Prefixed(path);
}

}  // namespace vigia::dataset
