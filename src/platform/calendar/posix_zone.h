// The rule at the end of a TZif file, a POSIX TZ text: "CET-1CEST,M3.5.0,M10.5.0/3".
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace vigia::calendar {

// A day of each year, and the time of that day at which the clock changes.
struct YearRule {
  enum class Kind { kMonthWeekDay, kDayOfYear, kDayWithoutLeap };
  Kind kind = Kind::kMonthWeekDay;
  int month = 1;                   // kMonthWeekDay
  int week = 1;                    // 1 to 5; 5 is the last
  int day = 0;                     // the weekday from Sunday, or the day of the year
  std::chrono::seconds at{7'200};  // may be negative or beyond a day
};

struct PosixZone {
  std::chrono::seconds standard{0};
  std::optional<std::chrono::seconds> daylight;
  YearRule begins;  // of daylight saving, in standard time
  YearRule ends;    // in daylight time

  std::chrono::seconds OffsetAt(std::chrono::sys_seconds time) const;
};

Result<PosixZone> ParsePosixZone(std::string_view text);

}  // namespace vigia::calendar
