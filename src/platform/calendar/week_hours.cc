#include "calendar/week_hours.h"

#include <array>

#include "base/text.h"

namespace vigia::calendar {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr int kMinutesOfDay = 24 * 60;

std::optional<int> ParseDay(std::string_view text) {
  const std::string lower = ToLowerAscii(Trim(text));
  for (size_t i = 0; i < kDays.size(); ++i) {
    if (lower == kDays[i]) return static_cast<int>(i);
  }
  return std::nullopt;
}

// "Mon-Fri" or "Sat,Sun" or "Fri-Mon".
std::optional<std::bitset<7>> ParseDays(std::string_view text) {
  std::bitset<7> chosen;
  for (const std::string_view part : Split(text, ',')) {
    const size_t dash = part.find('-');
    const auto first = ParseDay(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : ParseDay(part.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    for (int day = *first;; day = (day + 1) % 7) {
      chosen.set(static_cast<size_t>(day));
      if (day == *last) break;
    }
  }
  return chosen;
}

std::optional<int> ParseClock(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = ParseInteger(text.substr(0, 2));
  const auto minutes = ParseInteger(text.substr(3));
  if (!hours || !minutes || *hours < 0 || *minutes < 0 || *minutes > 59) return std::nullopt;
  const int64_t total = *hours * 60 + *minutes;
  if (total > kMinutesOfDay) return std::nullopt;
  return static_cast<int>(total);
}

}  // namespace

WeekHours WeekHours::Always() {
  WeekHours hours;
  hours.minutes_.set();
  return hours;
}

Result<WeekHours> WeekHours::Parse(std::string_view text) {
  const Error bad(Code::kInvalidArgument, "hours are written 'Mon-Fri 09:00-17:00', '22:00-06:00', '24/7' or '8x5'");
  WeekHours hours;
  for (const std::string_view piece : Split(text, ';')) {
    std::string_view part = Trim(piece);
    if (part == "24/7") return Always();
    if (part == "8x5") part = "Mon-Fri 09:00-17:00";
    const size_t space = part.rfind(' ');
    const auto days =
        space == std::string_view::npos ? std::optional(std::bitset<7>(0x7F)) : ParseDays(part.substr(0, space));
    const std::string_view clock = space == std::string_view::npos ? part : part.substr(space + 1);
    const size_t dash = clock.find('-');
    if (!days || dash == std::string_view::npos) return bad;
    const auto from = ParseClock(clock.substr(0, dash));
    const auto to = ParseClock(clock.substr(dash + 1));
    if (!from || !to || *from == *to || *from == kMinutesOfDay) return bad;
    const int length = *to > *from ? *to - *from : *to + kMinutesOfDay - *from;
    for (int day = 0; day < 7; ++day) {
      if (!days->test(static_cast<size_t>(day))) continue;
      for (int i = 0; i < length; ++i) {
        hours.minutes_.set(static_cast<size_t>((day * kMinutesOfDay + *from + i) % kMinutesOfWeek));
      }
    }
  }
  return hours;
}

bool WeekHours::Contains(LocalTime time) const {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const unsigned weekday = std::chrono::weekday(day).iso_encoding() - 1;
  const auto minute = std::chrono::floor<std::chrono::minutes>(time - day).count();
  return minutes_[weekday * static_cast<size_t>(kMinutesOfDay) + static_cast<size_t>(minute)];
}

}  // namespace vigia::calendar
