// logs/audit.log: who did what, when and why, as a chain of hashes. One JSON object a line:
//   {"seq":1,"timestamp":"…Z","action":"promote","who":"…","details":{…},"prev":"<sha256>","hash":"<sha256>"}
// hash = SHA-256 of the line up to `,"hash"`, so each line vouches for all before it. A head file beside
// the log (audit.log.head) holds the length of the chain, so that a cut-off tail is noticed as well.
// The chain shows edits and losses; it cannot stop somebody who rewrites log and head together.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/result.h"

namespace vigia::audit {

struct Event {
  std::string action;  // start, stop, load, promote, rollback, key_create, threshold_set …
  std::string who;     // a user's or a process's name; never a secret
  Json details = Json::object();
};

// How Append waits while another process holds the log.
using Pause = std::function<void(Duration)>;
void SystemPause(Duration time);

// Appends durably before it returns. kUnavailable when another process holds the log for 2000 pauses of 1 ms. Safe for
// several processes at once (a lock file beside the log). A line torn by a killed process is closed and marked by the
// next append, and the chain goes on.
Status Append(Files& files, const std::string& path, WallTime now, const Event& event,
              const Pause& pause = SystemPause);

struct Verification {
  bool intact = false;
  uint64_t entries = 0;
  uint64_t torn = 0;            // lines that a killed process left incomplete: noted, not an error
  uint64_t first_bad_line = 0;  // 1-based; 0 when intact
  std::string problem;          // one sentence when not intact
};

// Error only when the log cannot be read. A missing log is an intact chain of no entries.
Result<Verification> Verify(const Files& files, const std::string& path);

using Variables = std::function<std::optional<std::string>(const std::string& name)>;
// The name of the person or process that acts: SUDO_USER, else USER, else LOGNAME, else "uid:N".
std::string CurrentUser(const Variables& environment);
std::string CurrentUser();  // of the process's own environment

}  // namespace vigia::audit
