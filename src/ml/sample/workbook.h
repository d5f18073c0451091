// Writes sheets as an xlsx file.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "sample/sheets.h"

namespace vigia::sample {

// The file appears whole or not at all; the same sheets give the same bytes (its dates are fixed).
// `path` must be on a real disk: the library writes there itself. Errors name the path.
Status WriteWorkbook(const std::vector<Sheet>& sheets, const std::string& path, Files& files);

}  // namespace vigia::sample
