// Pages of logs/audit.log, newest first.
#pragma once

#include <cstdint>
#include <string>

#include "base/files.h"
#include "base/json.h"

namespace vigia::control {

struct AuditPage {
  Json items = Json::array();  // {seq, timestamp, action, who, details}
  Json next;                   // the cursor of the page after it, or null
};

// At most `limit` entries with a sequence number below `before` (0: the newest). Lines that a killed process left
// incomplete are left out; `vigia audit verify` tells of them.
Result<AuditPage> ReadAuditPage(const Files& files, const std::string& path, int64_t before, size_t limit);

}  // namespace vigia::control
