#include "calendar/recurrence.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace vigia::calendar {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::local_days;
using std::chrono::month;
using std::chrono::weekday;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr int kMostPeriods = 20'000;
constexpr std::array<std::string_view, 7> kDayNames = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

std::optional<weekday> ParseWeekday(std::string_view text) {
  const auto at = std::find(kDayNames.begin(), kDayNames.end(), text);
  if (at == kDayNames.end()) return std::nullopt;
  return weekday(static_cast<unsigned>(at - kDayNames.begin()));
}

std::optional<Recurrence::Day> ParseByDay(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto name = ParseWeekday(text.substr(text.size() - 2));
  std::string_view nth = text.substr(0, text.size() - 2);
  if (!name) return std::nullopt;
  if (nth.empty()) return Recurrence::Day{0, *name};
  if (nth.front() == '+') nth.remove_prefix(1);
  const auto number = ParseInteger(nth);
  if (!number || *number == 0 || *number < -5 || *number > 5) return std::nullopt;
  return Recurrence::Day{static_cast<int>(*number), *name};
}

std::optional<std::vector<int>> ParseNumbers(std::string_view text, int low, int high) {
  std::vector<int> numbers;
  for (const std::string_view part : Split(text, ',')) {
    const auto number = ParseInteger(part);
    if (!number || *number == 0 || *number < low || *number > high) return std::nullopt;
    numbers.push_back(static_cast<int>(*number));
  }
  return numbers;
}

bool ReadFrequency(std::string_view value, Recurrence& rule) {
  using F = Recurrence::Frequency;
  constexpr std::array<std::pair<std::string_view, F>, 4> kNames = {
      {{"DAILY", F::kDaily}, {"WEEKLY", F::kWeekly}, {"MONTHLY", F::kMonthly}, {"YEARLY", F::kYearly}}};
  for (const auto& [name, frequency] : kNames) {
    if (value != name) continue;
    rule.frequency = frequency;
    return true;
  }
  return false;
}

bool ReadUntil(std::string_view value, Recurrence& rule) {
  const auto until = ParseIcalTime(value);
  if (!until.ok()) return false;
  if (until->utc) {
    rule.until_utc = WallTime(until->time.time_since_epoch());
  } else {
    rule.until_local = until->date ? until->time + days(1) - Duration(1) : until->time;
  }
  return true;
}

// Whether the part is known and fits.
bool ReadPart(std::string_view name, std::string_view value, Recurrence& rule) {
  if (name == "FREQ") return ReadFrequency(value, rule);
  if (name == "UNTIL") return ReadUntil(value, rule);
  if (name == "INTERVAL" || name == "COUNT") {
    const auto number = ParseInteger(value);
    if (!number || *number < 1 || *number > 100'000) return false;
    if (name == "COUNT") {
      rule.count = static_cast<int>(*number);
    } else {
      rule.interval = static_cast<int>(*number);
    }
    return true;
  }
  if (name == "BYDAY") {
    for (const std::string_view part : Split(value, ',')) {
      const auto by_day = ParseByDay(part);
      if (!by_day) return false;
      rule.by_day.push_back(*by_day);
    }
    return true;
  }
  if (name == "BYMONTHDAY" || name == "BYMONTH") {
    const bool months = name == "BYMONTH";
    auto numbers = months ? ParseNumbers(value, 1, 12) : ParseNumbers(value, -31, 31);
    if (!numbers) return false;
    (months ? rule.by_month : rule.by_month_day) = *std::move(numbers);
    return true;
  }
  if (name == "WKST") {
    const auto start = ParseWeekday(value);
    if (start) rule.week_start = *start;
    return start.has_value();
  }
  return false;
}

bool Among(const std::vector<int>& numbers, int number) {
  return numbers.empty() || std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

unsigned LastDay(year y, month m) { return static_cast<unsigned>((y / m / std::chrono::last).day()); }

// Whether the date's place in its month is asked for.
bool FitsMonthDay(const Recurrence& rule, year_month_day date) {
  if (rule.by_month_day.empty()) return true;
  const int from_start = static_cast<int>(static_cast<unsigned>(date.day()));
  const int from_end = from_start - static_cast<int>(LastDay(date.year(), date.month())) - 1;
  return Among(rule.by_month_day, from_start) || Among(rule.by_month_day, from_end);
}

bool FitsDay(const Recurrence& rule, local_days date) {
  if (rule.by_day.empty()) return true;
  const year_month_day civil(date);
  const int from_start = static_cast<int>((static_cast<unsigned>(civil.day()) - 1) / 7) + 1;
  const int from_end =
      -static_cast<int>((LastDay(civil.year(), civil.month()) - static_cast<unsigned>(civil.day())) / 7) - 1;
  const weekday on(date);
  return std::any_of(rule.by_day.begin(), rule.by_day.end(), [&](const Recurrence::Day& by) {
    return by.weekday == on && (by.nth == 0 || by.nth == from_start || by.nth == from_end);
  });
}

// Days of one month that fit; those of the start when the rule names none.
void AddMonth(const Recurrence& rule, year y, month m, day start_day, std::vector<local_days>& dates) {
  const bool named = !rule.by_day.empty() || !rule.by_month_day.empty();
  for (unsigned d = 1; d <= LastDay(y, m); ++d) {
    const year_month_day civil(y, m, day(d));
    const local_days date(civil);
    if (named ? FitsMonthDay(rule, civil) && FitsDay(rule, date) : day(d) == start_day) dates.push_back(date);
  }
}

// The dates of period `k`, rising; they may lie before the start.
std::vector<local_days> Period(const Recurrence& rule, local_days start, int k) {
  const year_month_day first(start);
  const int step = k * rule.interval;
  std::vector<local_days> dates;
  switch (rule.frequency) {
    case Recurrence::Frequency::kDaily: {
      const local_days date = start + days(step);
      if (FitsMonthDay(rule, year_month_day(date)) && FitsDay(rule, date)) dates.push_back(date);
      break;
    }
    case Recurrence::Frequency::kWeekly: {
      const local_days week = start - (weekday(start) - rule.week_start) + days(7 * step);
      for (int i = 0; i < 7; ++i) {
        const local_days date = week + days(i);
        if (rule.by_day.empty() ? weekday(date) == weekday(start) : FitsDay(rule, date)) dates.push_back(date);
      }
      break;
    }
    case Recurrence::Frequency::kMonthly: {
      const auto at = first.year() / first.month() + std::chrono::months(step);
      AddMonth(rule, at.year(), at.month(), first.day(), dates);
      break;
    }
    case Recurrence::Frequency::kYearly: {
      for (unsigned m = 1; m <= 12; ++m) {
        const bool wanted =
            rule.by_month.empty() ? month(m) == first.month() : Among(rule.by_month, static_cast<int>(m));
        if (wanted) AddMonth(rule, first.year() + std::chrono::years(step), month(m), first.day(), dates);
      }
      break;
    }
  }
  std::erase_if(dates, [&](local_days date) {
    return !Among(rule.by_month, static_cast<int>(static_cast<unsigned>(year_month_day(date).month())));
  });
  return dates;
}

}  // namespace

Result<IcalTime> ParseIcalTime(std::string_view text) {
  const Error bad(Code::kInvalidArgument, "a time must be written 20260105T090000, with Z for UTC, or 20260105");
  IcalTime parsed;
  if (!text.empty() && text.back() == 'Z') {
    parsed.utc = true;
    text.remove_suffix(1);
  }
  parsed.date = text.size() == 8;
  if (!parsed.date && (text.size() != 15 || text[8] != 'T')) return bad;
  std::string iso =
      std::string(text.substr(0, 4)) + "-" + std::string(text.substr(4, 2)) + "-" + std::string(text.substr(6, 2));
  if (!parsed.date) {
    iso += "T" + std::string(text.substr(9, 2)) + ":" + std::string(text.substr(11, 2)) + ":" +
           std::string(text.substr(13, 2));
  }
  const auto time = ParseLocalTime(iso);
  if (!time.ok()) return bad;
  parsed.time = *time;
  return parsed;
}

Result<Recurrence> ParseRecurrence(std::string_view text) {
  Recurrence rule;
  bool has_frequency = false;
  for (const std::string_view part : Split(text, ';')) {
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    if (equals == std::string_view::npos || !ReadPart(name, part.substr(equals + 1), rule)) {
      return Error(Code::kInvalidArgument, "the part '" + std::string(name) + "' of a RRULE is not understood");
    }
    has_frequency = has_frequency || name == "FREQ";
  }
  if (!has_frequency) return Error(Code::kInvalidArgument, "a RRULE needs FREQ");
  const bool nth = std::any_of(rule.by_day.begin(), rule.by_day.end(), [](const auto& by) { return by.nth != 0; });
  const bool yearly = rule.frequency == Recurrence::Frequency::kYearly;
  if (nth && rule.frequency != Recurrence::Frequency::kMonthly && !(yearly && !rule.by_month.empty())) {
    return Error(Code::kInvalidArgument, "a numbered BYDAY needs FREQ=MONTHLY, or BYMONTH in a yearly RRULE");
  }
  return rule;
}

void VisitStarts(const Recurrence& rule, LocalTime first, const TimeZone& zone,
                 const std::function<bool(LocalTime)>& visit) {
  const local_days start = std::chrono::floor<days>(first);
  int seen = 0;
  for (int k = 0; k < kMostPeriods; ++k) {
    for (const local_days date : Period(rule, start, k)) {
      const LocalTime at = date + (first - start);
      if (at < first) continue;
      if (rule.until_local && at > *rule.until_local) return;
      if (rule.until_utc && zone.ToUtc(at) > *rule.until_utc) return;
      if (rule.count && ++seen > *rule.count) return;
      if (!visit(at)) return;
    }
  }
}

}  // namespace vigia::calendar
