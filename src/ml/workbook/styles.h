// Inside this module: which cell styles show a number as a date.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "workbook/archive.h"

namespace vigia::workbook {

// A number format's code: "dd/mm/yyyy", "[h]:mm", "0.00", "[Red]General", "\"dia\" 0".
bool IsDateFormat(std::string_view code);

// One entry per cell style (cellXfs), in order.
Result<std::vector<bool>> ReadDateStyles(const Archive& archive, const std::string& part, const Limits& limits);

}  // namespace vigia::workbook
