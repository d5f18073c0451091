// Time, passed in. Decisions take `now` as an argument; only the outermost layer holds a Clock.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vigia {

using Duration = std::chrono::microseconds;
using WallTime = std::chrono::sys_time<Duration>;  // UTC
using MonoTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime Now() const = 0;   // may jump
  virtual MonoTime Mono() const = 0;  // never goes back
};

class SystemClock final : public Clock {
 public:
  WallTime Now() const override;
  MonoTime Mono() const override;
};

// A clock that a test owns: time passes only when told to. Thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(WallTime start) : wall_us_(start.time_since_epoch().count()) {}
  WallTime Now() const override { return WallTime(Duration(wall_us_.load())); }
  MonoTime Mono() const override { return MonoTime(std::chrono::nanoseconds(mono_ns_.load())); }
  void Advance(Duration by) {
    wall_us_ += by.count();
    mono_ns_ += std::chrono::nanoseconds(by).count();
  }
  void JumpWall(Duration by) { wall_us_ += by.count(); }  // what a clock correction does

 private:
  std::atomic<int64_t> wall_us_;
  std::atomic<int64_t> mono_ns_{0};
};

// "2026-11-20T10:35:00.123456Z". Always UTC, always six digits, so that text order is time order.
std::string FormatTime(WallTime time);
// "20261120" and "2026-11-20".
std::string FormatDateCompact(WallTime time);
std::string FormatDate(WallTime time);
// Reads RFC 3339 with Z or an offset, with or without a fraction.
Result<WallTime> ParseTime(std::string_view text);

}  // namespace vigia
