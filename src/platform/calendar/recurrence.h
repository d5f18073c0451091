// Repeating dates: the RRULE of RFC 5545 as calendars on the web write it. Refused, rather than
// misread: HOURLY and faster, BYSETPOS, BYHOUR, BYMINUTE, BYWEEKNO, BYYEARDAY.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/time_zone.h"

namespace vigia::calendar {

struct Recurrence {
  enum class Frequency { kDaily, kWeekly, kMonthly, kYearly };
  struct Day {
    int nth = 0;  // 2: the second of the month, -1: the last; 0: every one
    std::chrono::weekday weekday;
  };
  Frequency frequency = Frequency::kDaily;
  int interval = 1;
  std::optional<int> count;
  std::optional<WallTime> until_utc;     // inclusive, as is the next
  std::optional<LocalTime> until_local;  // the start's clock
  std::vector<Day> by_day;
  std::vector<int> by_month_day;  // -1: the last
  std::vector<int> by_month;
  std::chrono::weekday week_start = std::chrono::Monday;
};

// The text after "RRULE:".
Result<Recurrence> ParseRecurrence(std::string_view text);

// Starts in order, from `first`, until the rule ends, `visit` returns false, or 20,000 periods have
// passed. Knows COUNT and UNTIL.
void VisitStarts(const Recurrence& rule, LocalTime first, const TimeZone& zone,
                 const std::function<bool(LocalTime)>& visit);

// "20260105T090000", "20260105T090000Z" or "20260105".
struct IcalTime {
  LocalTime time{};
  bool utc = false;
  bool date = false;
};
Result<IcalTime> ParseIcalTime(std::string_view text);

}  // namespace vigia::calendar
