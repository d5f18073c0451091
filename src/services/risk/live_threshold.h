// What people change while the service runs: the threshold. (Keys, rates and blocked addresses are
// auth's files.) state/threshold.json: {"value": 0.05, "until": "…Z" or null}
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"

namespace vigia::risk {

struct LiveThreshold {
  double value = 0;
  std::optional<WallTime> until;
};

// No file: none.
Result<std::optional<LiveThreshold>> ReadLiveThreshold(const Files& files, const std::string& path);
std::string FormatLiveThreshold(const LiveThreshold& threshold);

}  // namespace vigia::risk
