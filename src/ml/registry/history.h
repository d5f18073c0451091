// history.jsonl: who changed what, when and why. Lines are only ever added, and each carries a
// hash over itself and the line before, so that a changed or removed line shows.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "base/result.h"

namespace vigia::registry {

struct HistoryEntry {
  std::string at;  // RFC 3339, UTC
  std::string by;
  std::string action;   // "register", "promote", "rollback", "reject"
  std::string version;  // what the action is about
  std::string from;     // champion before; empty: none, or not a change of champion
  std::string to;       // champion after; empty: not a change of champion
  std::string reason;
  std::string digest;  // register: the manifest's

  bool operator==(const HistoryEntry&) const = default;
};

Json ToJson(const HistoryEntry& entry);

struct History {
  std::vector<HistoryEntry> entries;  // oldest first; lines that cannot be read are left out
  std::string problem;                // empty: whole; else the first line that does not fit, and why
};

// None when there is no file. Only a file that cannot be read at all is an error.
Result<History> ReadHistory(const Files& files, const std::string& registry);

// REQUIRES: the registry's lock. All or none of `entries` are added, also to a history that has a
// problem: a rollback must not fail because of an old line, and the old line goes on to show.
Status AppendHistory(const std::vector<HistoryEntry>& entries, const std::string& registry, Files& files);

}  // namespace vigia::registry
