#include "calendar/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "calendar/posix_zone.h"

namespace vigia::calendar {
namespace {

constexpr size_t kHeaderBytes = 44;

// Big-endian, two's complement. REQUIRES: the bytes are there.
int64_t Number(std::string_view bytes, size_t at, size_t size) {
  uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0 ? ~uint64_t{0} : 0;
  for (size_t i = 0; i < size; ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<int64_t>(value);
}

struct Counts {
  size_t utc = 0, standard = 0, leaps = 0, times = 0, types = 0, characters = 0;
  size_t Bytes(size_t time_size) const {
    return times * (time_size + 1) + types * 6 + characters + leaps * (time_size + 4) + standard + utc;
  }
};

// Bounded, so that sums of them cannot overflow.
Result<Counts> ReadHeader(std::string_view bytes, size_t at) {
  const Error bad(Code::kDataLoss, "not a TZif file");
  if (bytes.size() < at + kHeaderBytes || bytes.substr(at, 4) != "TZif") return bad;
  size_t fields[6];
  for (size_t i = 0; i < 6; ++i) {
    const int64_t value = Number(bytes, at + 20 + 4 * i, 4);
    if (value < 0 || value > 100'000) return bad;
    fields[i] = static_cast<size_t>(value);
  }
  Counts counts{fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]};
  if (counts.types == 0) return bad;
  return counts;
}

}  // namespace

struct TimeZone::Rules {
  struct Change {
    std::chrono::sys_seconds at{};
    Seconds offset{0};  // from then on
  };
  std::string name;
  Seconds first{0};             // before the first change
  std::vector<Change> changes;  // rising
  PosixZone after;              // from the last change on
  bool has_after = false;

  Seconds OffsetAt(std::chrono::sys_seconds time) const {
    const auto next = std::upper_bound(changes.begin(), changes.end(), time,
                                       [](std::chrono::sys_seconds t, const Change& change) { return t < change.at; });
    if (next == changes.end() && has_after) return after.OffsetAt(time);
    return next == changes.begin() ? first : std::prev(next)->offset;
  }
};

TimeZone::TimeZone() {
  Rules rules;
  rules.name = "UTC";
  rules_ = std::make_shared<const Rules>(std::move(rules));
}

Result<TimeZone> TimeZone::Parse(std::string_view bytes, std::string name) {
  const Error bad(Code::kDataLoss, "the zone file is cut off or damaged");
  Counts counts = TRY(ReadHeader(bytes, 0));
  size_t at = kHeaderBytes;
  size_t time_size = 4;
  if (bytes[4] >= '2') {  // the same again with 8-byte times, which replaces the first block
    at += counts.Bytes(4);
    counts = TRY(ReadHeader(bytes, at));
    at += kHeaderBytes;
    time_size = 8;
  }
  if (bytes.size() < at + counts.Bytes(time_size)) return bad;
  const size_t indices = at + counts.times * time_size;
  const size_t types = indices + counts.times;
  const auto offset = [&](size_t type) { return Seconds(Number(bytes, types + type * 6, 4)); };

  Rules rules;
  rules.name = std::move(name);
  rules.first = offset(0);
  for (size_t i = 0; i < counts.times; ++i) {
    const auto type = static_cast<unsigned char>(bytes[indices + i]);
    const std::chrono::sys_seconds when(Seconds(Number(bytes, at + i * time_size, time_size)));
    if (type >= counts.types || (!rules.changes.empty() && when <= rules.changes.back().at)) return bad;
    rules.changes.push_back({when, offset(type)});
  }
  if (time_size == 8) {
    std::string_view footer = bytes.substr(at + counts.Bytes(8));
    if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') return bad;
    footer = footer.substr(1, footer.size() - 2);
    if (!footer.empty()) {
      rules.after = TRY(ParsePosixZone(footer));
      rules.has_after = true;
    }
  }
  return TimeZone(std::make_shared<const Rules>(std::move(rules)));
}

const std::string& TimeZone::name() const { return rules_->name; }

Seconds TimeZone::OffsetAt(WallTime time) const { return rules_->OffsetAt(std::chrono::floor<Seconds>(time)); }

LocalTime TimeZone::ToLocal(WallTime time) const { return LocalTime(time.time_since_epoch() + OffsetAt(time)); }

WallTime TimeZone::ToUtc(LocalTime time) const {
  // Zones do not change twice within two days, so the offsets a day before and after are all there are.
  const WallTime as_utc(time.time_since_epoch());
  const Seconds before = OffsetAt(as_utc - std::chrono::hours(24));
  const Seconds after = OffsetAt(as_utc + std::chrono::hours(24));
  if (OffsetAt(as_utc - before) == before) return as_utc - before;
  if (OffsetAt(as_utc - after) == after) return as_utc - after;
  return as_utc - before;
}

Result<TimeZone> TimeZones::Find(const std::string& name) const {
  const Error unknown(Code::kNotFound, "there is no time zone '" + name + "'");
  const bool sane =
      !name.empty() && name.size() < 64 && name.front() != '/' && name.find("..") == std::string::npos &&
      name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == std::string::npos;
  if (!sane) return unknown;
  if (name == "UTC") return TimeZone();
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(name);
  if (known != known_.end()) return known->second;
  const auto bytes = files_.Read(JoinPath(folder_, name));
  if (!bytes.ok()) return unknown;
  TimeZone zone = TRY_CONTEXT(TimeZone::Parse(*bytes, name), "time zone '" + name + "'");
  known_.emplace(name, zone);
  return zone;
}

Result<LocalTime> ParseLocalTime(std::string_view text) {
  const Error bad(Code::kInvalidArgument, "a local time is written 2026-01-05T09:00");
  std::string whole(text);
  if (whole.size() == 10) whole += "T00:00";
  if (whole.size() == 16) whole += ":00";
  if (whole.size() != 19 || (whole[10] != 'T' && whole[10] != ' ')) return bad;
  whole[10] = 'T';
  const auto time = ParseTime(whole + "Z");
  if (!time.ok()) return bad;
  return LocalTime(time->time_since_epoch());
}

std::string FormatLocalTime(LocalTime time) {
  const std::string text = FormatTime(WallTime(time.time_since_epoch()));
  return text.substr(0, 10) + " " + text.substr(11, 5);
}

std::string FormatClock(LocalTime time) { return FormatLocalTime(time).substr(11); }

std::string FormatOffset(Seconds offset) {
  const int64_t minutes = std::abs(offset.count()) / 60;
  return fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace vigia::calendar
