// Makes removals in a folder survive a power cut.
#pragma once

#include <string>

#include "base/result.h"

namespace vigia::archive {

Status SyncFolder(const std::string& path);

}  // namespace vigia::archive
