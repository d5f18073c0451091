#include "calendar/cron.h"

#include <array>

#include "base/text.h"

namespace vigia::calendar {
namespace {

constexpr int kMostDays = 8 * 366;  // 29 February can be eight years away

struct Field {
  const char* name;
  int low;
  int high;
  std::string_view names;  // three letters each; the first is `low`
};
constexpr Field kFields[] = {{"minute", 0, 59, ""},
                             {"hour", 0, 23, ""},
                             {"day of the month", 1, 31, ""},
                             {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                             {"day of the week", 0, 7, "sunmontuewedthufrisat"}};

std::optional<int> ReadValue(std::string_view text, const Field& field) {
  if (text.size() == 3) {
    const std::string lower = ToLowerAscii(text);
    for (size_t i = 0; i + 3 <= field.names.size(); i += 3) {
      if (field.names.substr(i, 3) == lower) return field.low + static_cast<int>(i / 3);
    }
  }
  const auto number = ParseInteger(text);
  if (!number || *number < field.low || *number > field.high) return std::nullopt;
  return static_cast<int>(*number);
}

Error Bad(const Field& field) {
  return Error(Code::kInvalidArgument, std::string("the schedule's ") + field.name + " is not one");
}

template <size_t size>
Status ReadField(std::string_view text, const Field& field, std::bitset<size>& set) {
  for (std::string_view part : Split(text, ',')) {
    int64_t step = 1;
    const size_t slash = part.find('/');
    if (slash != std::string_view::npos) {
      const auto given = ParseInteger(part.substr(slash + 1));
      if (!given || *given < 1 || *given > field.high) return Bad(field);
      step = *given;
      part = part.substr(0, slash);
    }
    std::optional<int> low = field.low;
    std::optional<int> high = field.high;
    if (part != "*") {
      const size_t dash = part.find('-');
      low = ReadValue(part.substr(0, dash), field);
      high = dash != std::string_view::npos    ? ReadValue(part.substr(dash + 1), field)
             : slash != std::string_view::npos ? std::optional<int>(field.high)
                                               : low;
    }
    if (!low || !high || *low > *high) return Bad(field);
    for (int64_t value = *low; value <= *high; value += step) set.set(static_cast<size_t>(value) % size);
  }
  return {};
}

std::string_view Spelled(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kShort = {{{"@hourly", "0 * * * *"},
                                                                                    {"@daily", "0 0 * * *"},
                                                                                    {"@midnight", "0 0 * * *"},
                                                                                    {"@weekly", "0 0 * * 0"},
                                                                                    {"@monthly", "0 0 1 * *"},
                                                                                    {"@yearly", "0 0 1 1 *"},
                                                                                    {"@annually", "0 0 1 1 *"}}};
  for (const auto& [name, fields] : kShort) {
    if (text == name) return fields;
  }
  return text;
}

}  // namespace

Result<Cron> Cron::Parse(std::string_view text) {
  std::vector<std::string_view> fields;
  for (const std::string_view field : Split(Spelled(Trim(text)), ' ')) {
    if (!field.empty()) fields.push_back(field);
  }
  if (fields.size() != 5) {
    return Error(Code::kInvalidArgument, "a schedule has five fields: minute hour day month weekday");
  }
  Cron cron;
  TRY(ReadField(fields[0], kFields[0], cron.minutes_));
  TRY(ReadField(fields[1], kFields[1], cron.hours_));
  TRY(ReadField(fields[2], kFields[2], cron.days_));
  TRY(ReadField(fields[3], kFields[3], cron.months_));
  TRY(ReadField(fields[4], kFields[4], cron.weekdays_));
  cron.any_day_ = fields[2].front() == '*';
  cron.any_weekday_ = fields[4].front() == '*';
  return cron;
}

bool Cron::Day(std::chrono::local_days day) const {
  const std::chrono::year_month_day date(day);
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  const bool by_day = days_.test(static_cast<unsigned>(date.day()));
  const bool by_weekday = weekdays_.test(std::chrono::weekday(day).c_encoding());
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

std::optional<WallTime> Cron::Next(WallTime after, const TimeZone& zone) const {
  const LocalTime shown = zone.ToLocal(after);
  // From midnight of that day: a time that the clock skips may be counted later than it is written.
  std::chrono::local_days day = std::chrono::floor<std::chrono::days>(shown);
  for (int days = 0; days < kMostDays; ++days, day += std::chrono::days(1)) {
    if (!Day(day)) continue;
    std::optional<WallTime> earliest;
    for (size_t hour = 0; hour < hours_.size(); ++hour) {
      if (!hours_.test(hour)) continue;
      for (size_t minute = 0; minute < minutes_.size(); ++minute) {
        if (!minutes_.test(minute)) continue;
        const WallTime at = zone.ToUtc(LocalTime(day) + std::chrono::hours(hour) + std::chrono::minutes(minute));
        if (at > after && (!earliest || at < *earliest)) earliest = at;
      }
      // Hours are in order, but for those of a skip; two hours further nothing can come before it.
      if (earliest && zone.ToUtc(LocalTime(day) + std::chrono::hours(hour)) > *earliest + std::chrono::hours(2)) break;
    }
    if (earliest) return earliest;
  }
  return std::nullopt;
}

}  // namespace vigia::calendar
