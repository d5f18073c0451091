// Time zones of the tz database, without the process-wide TZ.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"

namespace vigia::calendar {

// What a clock on the wall shows. Belongs to no zone.
using LocalTime = std::chrono::local_time<Duration>;
using Seconds = std::chrono::seconds;

// A value; cheap to copy, thread-safe.
class TimeZone {
 public:
  TimeZone();  // UTC
  // The bytes of a TZif file (RFC 8536, versions 1 to 4).
  static Result<TimeZone> Parse(std::string_view bytes, std::string name);

  const std::string& name() const;
  Seconds OffsetAt(WallTime time) const;  // east of Greenwich is positive
  LocalTime ToLocal(WallTime time) const;
  // A time that the clock shows twice is the first of the two. One that it skips is counted with the
  // offset before the jump, as RFC 5545 says: 02:30 becomes what is shown as 03:30.
  WallTime ToUtc(LocalTime time) const;

 private:
  struct Rules;
  explicit TimeZone(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}
  std::shared_ptr<const Rules> rules_;  // never changed: shared by copies
};

// Loads zones by name ("America/Sao_Paulo") and keeps them. Thread-safe. `files` outlives it.
class TimeZones {
 public:
  static constexpr const char* kSystemFolder = "/usr/share/zoneinfo";
  explicit TimeZones(const Files& files, std::string folder = kSystemFolder)
      : files_(files), folder_(std::move(folder)) {}
  // kNotFound: there is no such zone. "UTC" needs no file.
  Result<TimeZone> Find(const std::string& name) const;

 private:
  const Files& files_;
  const std::string folder_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, TimeZone> known_;
};

// "2026-01-05T09:00", "2026-01-05 09:00:30" or "2026-01-05".
Result<LocalTime> ParseLocalTime(std::string_view text);
std::string FormatLocalTime(LocalTime time);  // "2026-01-05 09:00"
std::string FormatClock(LocalTime time);      // "09:00"
std::string FormatOffset(Seconds offset);     // "+02:00"

}  // namespace vigia::calendar
