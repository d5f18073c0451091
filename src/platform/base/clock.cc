#include "base/clock.h"

#include <fmt/format.h>

#include <charconv>

namespace vigia {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::year_month_day;

WallTime SystemClock::Now() const { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

MonoTime SystemClock::Mono() const { return std::chrono::steady_clock::now(); }

namespace {

struct Parts {
  int year;
  unsigned month, day;
  int64_t hour, minute, second, micro;
};

Parts Split(WallTime time) {
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss<Duration> clock(time - midnight);
  return {static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()), clock.hours().count(),
          clock.minutes().count(),           clock.seconds().count(),
          clock.subseconds().count()};
}

// Reads exactly `width` digits.
bool Digits(std::string_view& text, size_t width, int& out) {
  if (text.size() < width) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + width, out);
  if (error != std::errc() || end != text.data() + width) return false;
  text.remove_prefix(width);
  return true;
}

bool Skip(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

bool ParseFraction(std::string_view& text, int64_t& micros) {
  if (!Skip(text, '.')) return true;
  int64_t scale = 100000;
  size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits) {
    micros += (text.front() - '0') * scale;
    scale /= 10;
  }
  return digits > 0;
}

bool ParseOffset(std::string_view& text, int& minutes) {
  if (Skip(text, 'Z') || Skip(text, 'z')) return true;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const int sign = text.front() == '+' ? 1 : -1;
  text.remove_prefix(1);
  int hour = 0;
  int minute = 0;
  if (!Digits(text, 2, hour) || !Skip(text, ':') || !Digits(text, 2, minute)) return false;
  minutes = sign * (hour * 60 + minute);
  return true;
}

}  // namespace

std::string FormatTime(WallTime time) {
  const Parts p = Split(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", p.year, p.month, p.day, p.hour, p.minute, p.second,
                     p.micro);
}

std::string FormatDateCompact(WallTime time) {
  const Parts p = Split(time);
  return fmt::format("{:04}{:02}{:02}", p.year, p.month, p.day);
}

std::string FormatDate(WallTime time) {
  const Parts p = Split(time);
  return fmt::format("{:04}-{:02}-{:02}", p.year, p.month, p.day);
}

Result<WallTime> ParseTime(std::string_view text) {
  const Error bad(Code::kInvalidArgument, "not an RFC 3339 time (want 2026-01-31T12:00:00Z)");
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0;
  int64_t micros = 0;
  if (!Digits(text, 4, year) || !Skip(text, '-') || !Digits(text, 2, month) || !Skip(text, '-') ||
      !Digits(text, 2, day)) {
    return bad;
  }
  if (!Skip(text, 'T') && !Skip(text, 't') && !Skip(text, ' ')) return bad;
  if (!Digits(text, 2, hour) || !Skip(text, ':') || !Digits(text, 2, minute) || !Skip(text, ':') ||
      !Digits(text, 2, second) || !ParseFraction(text, micros) || !ParseOffset(text, offset) || !text.empty()) {
    return bad;
  }
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return bad;
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute - offset) +
         std::chrono::seconds(second) + Duration(micros);
}

}  // namespace vigia
