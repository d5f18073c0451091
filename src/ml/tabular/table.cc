#include "tabular/table.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace vigia::tabular {

namespace {
void AppendMissing(Column& column, size_t count) {
  if (column.type == ColumnType::kNumber) {
    column.numbers.insert(column.numbers.end(), count, kMissing);
  } else {
    column.codes.insert(column.codes.end(), count, -1);
  }
}

void AppendCodes(Column& column, const Column& other) {
  std::unordered_map<std::string, int32_t> index;
  for (size_t i = 0; i < column.levels.size(); ++i) index.emplace(column.levels[i], static_cast<int32_t>(i));
  std::vector<int32_t> translated;
  for (const std::string& level : other.levels) {
    const auto [it, is_new] = index.emplace(level, static_cast<int32_t>(column.levels.size()));
    if (is_new) column.levels.push_back(level);
    translated.push_back(it->second);
  }
  for (const int32_t code : other.codes) {
    column.codes.push_back(code < 0 ? -1 : translated[static_cast<size_t>(code)]);
  }
}
}  // namespace

bool Column::IsMissing(size_t row) const {
  return type == ColumnType::kNumber ? std::isnan(numbers[row]) : codes[row] < 0;
}

size_t Column::MissingCount() const {
  size_t missing = 0;
  for (size_t row = 0; row < size(); ++row) missing += IsMissing(row) ? 1 : 0;
  return missing;
}

const Column* Table::Find(std::string_view name) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const Column& c) { return c.name == name; });
  return found == columns_.end() ? nullptr : &*found;
}

void Table::Add(Column column) {
  CHECK(Find(column.name) == nullptr, "a table's column names are distinct");
  CHECK(columns_.empty() || column.size() == rows(), "a table's columns have equal length");
  columns_.push_back(std::move(column));
}

void Table::AddNumbers(std::string name, std::vector<double> values) {
  Column column;
  column.name = std::move(name);
  column.numbers = std::move(values);
  Add(std::move(column));
}

void Table::AddCategories(std::string name, const std::vector<std::optional<std::string>>& values) {
  Column column;
  column.name = std::move(name);
  column.type = ColumnType::kCategory;
  std::unordered_map<std::string, int32_t> index;
  for (const auto& value : values) {
    if (!value) {
      column.codes.push_back(-1);
      continue;
    }
    const auto [it, is_new] = index.emplace(*value, static_cast<int32_t>(column.levels.size()));
    if (is_new) column.levels.push_back(*value);
    column.codes.push_back(it->second);
  }
  Add(std::move(column));
}

void Table::Drop(std::string_view name) {
  std::erase_if(columns_, [&](const Column& column) { return column.name == name; });
}

Table Table::SelectRows(const std::vector<size_t>& rows) const {
  Table selected;
  for (const Column& column : columns_) {
    Column part;
    part.name = column.name;
    part.type = column.type;
    part.levels = column.levels;
    for (const size_t row : rows) {
      if (column.type == ColumnType::kNumber) {
        part.numbers.push_back(column.numbers[row]);
      } else {
        part.codes.push_back(column.codes[row]);
      }
    }
    selected.columns_.push_back(std::move(part));
  }
  return selected;
}

Status Table::Append(const Table& other) {
  const size_t before = rows();
  const size_t added = other.rows();
  for (const Column& column : other.columns_) {
    const Column* mine = Find(column.name);
    if (mine != nullptr && mine->type != column.type) {
      return Error(Code::kInvalidArgument, "column '" + column.name + "' is numeric in one part and text in another");
    }
    if (mine == nullptr) {
      Column fresh;
      fresh.name = column.name;
      fresh.type = column.type;
      AppendMissing(fresh, before);
      columns_.push_back(std::move(fresh));
    }
  }
  for (Column& column : columns_) {
    const Column* theirs = other.Find(column.name);
    if (theirs == nullptr) {
      AppendMissing(column, added);
    } else if (column.type == ColumnType::kNumber) {
      column.numbers.insert(column.numbers.end(), theirs->numbers.begin(), theirs->numbers.end());
    } else {
      AppendCodes(column, *theirs);
    }
  }
  return {};
}

}  // namespace vigia::tabular
