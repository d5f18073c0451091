#include "columnar/frame.h"

#include <algorithm>
#include <cmath>

#include "base/result.h"

namespace vigia::columnar {

std::string_view TypeName(Type type) {
  switch (type) {
    case Type::kBool: return "bool";
    case Type::kInt64: return "integer";
    case Type::kNumber: return "number";
    case Type::kText: return "text";
    case Type::kTimestamp: return "timestamp";
  }
  CHECK(false, "unknown column type");
}

void Column::AppendNull() {
  switch (type) {
    case Type::kNumber: numbers.push_back(0); break;
    case Type::kText: texts.emplace_back(); break;
    case Type::kBool:
    case Type::kInt64:
    case Type::kTimestamp: integers.push_back(0); break;
  }
  nulls.push_back(1);
}

void Column::AppendInteger(int64_t value) {
  CHECK(type == Type::kInt64, "an integer goes into an integer column");
  integers.push_back(value);
  nulls.push_back(0);
}

void Column::AppendBool(bool value) {
  CHECK(type == Type::kBool, "a bool goes into a bool column");
  integers.push_back(value ? 1 : 0);
  nulls.push_back(0);
}

void Column::AppendNumber(double value) {
  CHECK(type == Type::kNumber, "a number goes into a number column");
  const bool missing = std::isnan(value);
  numbers.push_back(missing ? 0 : value);
  nulls.push_back(missing ? 1 : 0);
}

void Column::AppendText(std::string_view value) {
  CHECK(type == Type::kText, "a text goes into a text column");
  texts.emplace_back(value);
  nulls.push_back(0);
}

void Column::AppendTimestamp(WallTime value) {
  CHECK(type == Type::kTimestamp, "a time goes into a timestamp column");
  integers.push_back(value.time_since_epoch().count());
  nulls.push_back(0);
}

const Column* Frame::Find(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

Column& Frame::Add(std::string name, Type type) {
  CHECK(Find(name) == nullptr, "a frame's column names are distinct");
  Column& column = columns.emplace_back();
  column.name = std::move(name);
  column.type = type;
  return column;
}

}  // namespace vigia::columnar
