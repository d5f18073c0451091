// Hours of the week as people write them: "Mon-Fri 09:00-17:00", "Sat,Sun 00:00-24:00",
// "22:00-06:00" (every day, past midnight), "24/7", "8x5" (Mon-Fri 09:00-17:00). Several, with ";".
#pragma once

#include <bitset>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/time_zone.h"

namespace vigia::calendar {

inline constexpr int kMinutesOfWeek = 7 * 24 * 60;  // from Monday 00:00

// Which minutes of a week. A value.
class WeekHours {
 public:
  static WeekHours Always();
  static WeekHours Never() { return {}; }
  static Result<WeekHours> Parse(std::string_view text);

  // By what the wall clock shows: on a day that skips 02:00-03:00, those hours do not happen.
  bool Contains(LocalTime time) const;

 private:
  std::bitset<kMinutesOfWeek> minutes_;
};

}  // namespace vigia::calendar
