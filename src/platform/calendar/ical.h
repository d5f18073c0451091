// iCalendar files (RFC 5545), as far as on-call calendars use them: events with times, all-day
// events, repetition with exceptions and moved occurrences.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calendar/recurrence.h"
#include "calendar/time_zone.h"

namespace vigia::calendar {

struct Event {
  std::string uid;
  std::string summary;
  LocalTime start{};
  TimeZone zone;
  // By the clock on the wall, so that a weekly turn still ends at 09:00 when the clocks change in it.
  Duration length{};
  std::optional<Recurrence> repeats;
  std::vector<WallTime> also;        // RDATE
  std::vector<WallTime> except;      // EXDATE
  std::optional<WallTime> replaces;  // RECURRENCE-ID: of this start of the event with the same uid
  bool cancelled = false;
  int line = 0;
};

// A value; pure.
class Ical {
 public:
  // Times without a zone are in `floating`, or in the calendar's X-WR-TIMEZONE. At most 4 MiB and
  // 10,000 events. Errors: "line 12: what".
  static Result<Ical> Parse(std::string_view text, const TimeZones& zones, const TimeZone& floating);

  // Summaries of the events that are on, the one that began last first.
  std::vector<std::string> ActiveAt(WallTime now) const;
  const std::vector<Event>& events() const { return events_; }

 private:
  std::vector<Event> events_;
};

}  // namespace vigia::calendar
