// Runs another manager's command line.
#pragma once

#include <string>
#include <vector>

#include "base/process.h"

namespace vigia::supervisor {

// Standard output. An error (kUnavailable, kDeadlineExceeded) when it could not be run or did not
// succeed, with the command and the first line of what it complained about.
Result<std::string> RunCommand(Processes& processes, std::vector<std::string> arguments, Duration timeout);

inline constexpr Duration kCommandTimeout = std::chrono::seconds(10);  // beyond what the command itself waits

}  // namespace vigia::supervisor
