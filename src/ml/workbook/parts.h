// Inside this module: which part is what, by relationships (ECMA-376 part 2), not by guessed paths.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "workbook/archive.h"

namespace vigia::workbook {

enum class DateSystem { k1900, k1904 };

struct SheetPart {
  std::string name;
  std::string part;
};

struct Parts {
  std::vector<SheetPart> sheets;
  std::string shared_strings;  // empty: none
  std::string styles;          // empty: none
  DateSystem date_system = DateSystem::k1900;
};

Result<Parts> FindParts(const Archive& archive, const Limits& limits);

}  // namespace vigia::workbook
