// Times as crontab(5) writes them: minute hour day-of-month month day-of-week. Lists, ranges, steps,
// names (mon, jan), 7 for Sunday, and @hourly, @daily, @weekly, @monthly, @yearly. As cron does: when both
// days are restricted, either is enough.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "calendar/time_zone.h"

namespace vigia::calendar {

// A value.
class Cron {
 public:
  static Result<Cron> Parse(std::string_view text);

  // The first time after `after` that the clock on the wall shows one of these minutes; nullopt when there
  // is none within eight years ("0 0 30 2 *"). A minute that the clock shows twice comes once; one that it
  // skips comes as the zone counts it, see TimeZone::ToUtc.
  std::optional<WallTime> Next(WallTime after, const TimeZone& zone) const;

 private:
  bool Day(std::chrono::local_days day) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;  // from Sunday
  bool any_day_ = false;
  bool any_weekday_ = false;
};

}  // namespace vigia::calendar
