#include "calendar/week_hours.h"

#include <gtest/gtest.h>

namespace vigia::calendar {
namespace {

bool Holds(const char* hours, const char* local) {
  return WeekHours::Parse(hours).value().Contains(ParseLocalTime(local).value());
}

// 2026-11-20 is a Friday.
TEST(WeekHoursTest, Contains) {
  struct Case {
    const char* hours;
    const char* local;
    bool holds;
  };
  constexpr Case kCases[] = {
      {"24/7", "2026-11-22T03:00", true},
      {"8x5", "2026-11-20T09:00", true},
      {"8x5", "2026-11-20T16:59", true},
      {"8x5", "2026-11-20T17:00", false},
      {"8x5", "2026-11-21T10:00", false},
      {"Mon-Fri 22:00-06:00", "2026-11-20T23:00", true},
      {"Mon-Fri 22:00-06:00", "2026-11-21T05:59", true},  // Friday's night
      {"Mon-Fri 22:00-06:00", "2026-11-21T23:00", false},
      {"Mon-Fri 22:00-06:00", "2026-11-23T05:00", false},  // Sunday's night
      {"Sun 22:00-06:00", "2026-11-23T05:00", true},       // around the end of the week
      {"Sat,Sun 00:00-24:00", "2026-11-22T23:59", true},
      {"Sat,Sun 00:00-24:00", "2026-11-23T00:00", false},
      {"Fri-Mon 10:00-11:00", "2026-11-23T10:00", true},
      {"Fri-Mon 10:00-11:00", "2026-11-24T10:00", false},
      {"09:00-12:00; 13:00-18:00", "2026-11-22T12:30", false},
      {"09:00-12:00; 13:00-18:00", "2026-11-22T13:30", true},
  };
  for (const Case& c : kCases) EXPECT_EQ(Holds(c.hours, c.local), c.holds) << c.hours << " at " << c.local;
}

TEST(WeekHoursTest, RefusesWhatItCannotRead) {
  for (const char* text : {"", "always", "Mon", "Mon-Fri", "9-17", "09:00", "09:00-09:00", "24:00-06:00",
                           "Mon-Xyz 09:00-17:00", "09:00-25:00", "09:60-10:00", "Mon 09:00-10:00;"}) {
    EXPECT_FALSE(WeekHours::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace vigia::calendar
