#include "drill/rows.h"

#include "base/text.h"

namespace vigia::drill {

Result<std::vector<Json>> ReadRows(std::string_view csv, const Json& signature) {
  const Json schema = signature.value("input_schema", Json::object());
  std::vector<Json> rows;
  std::vector<std::string> names;
  for (const std::string_view raw : Split(csv, '\n')) {
    const std::string_view line = Trim(raw);
    if (line.empty()) continue;
    const std::vector<std::string_view> cells = Split(line, ',');  // nothing in it is quoted
    if (names.empty()) {
      names.assign(cells.begin(), cells.end());
      continue;
    }
    Json row = Json::object();
    for (size_t i = 0; i < cells.size() && i < names.size(); ++i) {
      if (cells[i].empty() || !schema.contains(names[i])) continue;
      const auto number = ParseNumber(cells[i]);
      if (schema[names[i]].value("type", "") == "category") {
        row[names[i]] = cells[i];
      } else if (number && schema[names[i]].value("type", "") == "integer") {
        row[names[i]] = static_cast<int64_t>(*number);
      } else if (number) {
        row[names[i]] = *number;
      }
    }
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return Error(Code::kDataLoss, "the modelling table has no rows");
  return rows;
}

std::vector<std::string> Bodies(const std::vector<Json>& rows, size_t count, size_t size, const Change& change) {
  std::vector<std::string> bodies;
  size_t number = 0;
  for (size_t i = 0; i < count; ++i) {
    Json instances = Json::array();
    for (size_t j = 0; j < size; ++j, ++number) {
      Json instance = rows[number % rows.size()];
      if (change) change(instance, number);
      instances.push_back(std::move(instance));
    }
    bodies.push_back(CompactJson({{"instances", instances}}));
  }
  return bodies;
}

}  // namespace vigia::drill
