#include "calendar/posix_zone.h"

#include "base/text.h"

namespace vigia::calendar {
namespace {

using std::chrono::seconds;

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Consumes the text from its front.
class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}
  bool done() const { return left_.empty(); }

  bool Take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }

  bool Name() {
    const bool quoted = Take('<');
    size_t length = 0;
    while (length < left_.size() && (quoted ? left_[length] != '>' : IsAlpha(left_[length]))) ++length;
    left_.remove_prefix(length);
    return (!quoted || Take('>')) && length >= 3;
  }

  std::optional<int> Number(int low, int high) {
    size_t length = 0;
    while (length < left_.size() && length < 4 && IsDigit(left_[length])) ++length;
    const auto value = ParseInteger(left_.substr(0, length));
    if (length == 0 || !value || *value < low || *value > high) return std::nullopt;
    left_.remove_prefix(length);
    return static_cast<int>(*value);
  }

  // [+-]hh[:mm[:ss]]
  std::optional<seconds> Time() {
    const int sign = Take('-') ? -1 : 1;
    if (sign == 1) static_cast<void>(Take('+'));
    const auto hours = Number(0, 167);
    if (!hours) return std::nullopt;
    int total = *hours * 3600;
    for (const int unit : {60, 1}) {
      if (!Take(':')) break;
      const auto part = Number(0, 59);
      if (!part) return std::nullopt;
      total += *part * unit;
    }
    return seconds(sign * total);
  }

  std::optional<YearRule> Rule() {
    YearRule rule;
    std::optional<int> day;
    if (Take('M')) {
      const auto month = Number(1, 12);
      const auto week = Take('.') ? Number(1, 5) : std::nullopt;
      day = Take('.') ? Number(0, 6) : std::nullopt;
      if (!month || !week) return std::nullopt;
      rule.month = *month;
      rule.week = *week;
    } else if (Take('J')) {
      rule.kind = YearRule::Kind::kDayWithoutLeap;
      day = Number(1, 365);
    } else {
      rule.kind = YearRule::Kind::kDayOfYear;
      day = Number(0, 365);
    }
    if (!day) return std::nullopt;
    rule.day = *day;
    if (Take('/')) {
      const auto at = Time();
      if (!at) return std::nullopt;
      rule.at = *at;
    }
    return rule;
  }

 private:
  std::string_view left_;
};

// On the clock of the moment before.
seconds In(const YearRule& rule, std::chrono::year year) {
  using namespace std::chrono;  // NOLINT: dates read as dates
  sys_days date = year / January / 1;
  switch (rule.kind) {
    case YearRule::Kind::kMonthWeekDay: {
      const month in(static_cast<unsigned>(rule.month));
      const weekday day(static_cast<unsigned>(rule.day));
      date = rule.week == 5 ? sys_days(year / in / day[last])
                            : sys_days(year / in / day[static_cast<unsigned>(rule.week)]);
      break;
    }
    case YearRule::Kind::kDayOfYear: date += days(rule.day); break;
    case YearRule::Kind::kDayWithoutLeap:
      date += days(rule.day - 1 + (year.is_leap() && rule.day >= 60 ? 1 : 0));
      break;
  }
  return seconds(date.time_since_epoch()) + rule.at;
}

}  // namespace

seconds PosixZone::OffsetAt(std::chrono::sys_seconds time) const {
  if (!daylight) return standard;
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time + standard));
  const seconds on = In(begins, date.year()) - standard;
  const seconds off = In(ends, date.year()) - *daylight;
  const seconds now = time.time_since_epoch();
  const bool saving = on < off ? on <= now && now < off : now < off || on <= now;  // else south of the equator
  return saving ? *daylight : standard;
}

Result<PosixZone> ParsePosixZone(std::string_view text) {
  const Error bad(Code::kDataLoss, "the zone's last rule is not a POSIX TZ text");
  PosixZone zone;
  Reader reader(text);
  if (!reader.Name()) return bad;
  const auto west = reader.Time();  // POSIX counts west of Greenwich as positive
  if (!west) return bad;
  zone.standard = -*west;
  if (reader.done()) return zone;
  if (!reader.Name()) return bad;
  zone.daylight = zone.standard + seconds(3'600);
  if (!reader.Take(',')) {
    const auto daylight_west = reader.Time();
    if (!daylight_west || !reader.Take(',')) return bad;
    zone.daylight = -*daylight_west;
  }
  const auto begins = reader.Rule();
  const auto ends = begins && reader.Take(',') ? reader.Rule() : std::nullopt;
  if (!ends || !reader.done()) return bad;
  zone.begins = *begins;
  zone.ends = *ends;
  return zone;
}

}  // namespace vigia::calendar
