#include "base/clock.h"

#include <gtest/gtest.h>

namespace vigia {
namespace {

TEST(ClockTest, FormatsAndReadsBack) {
  const WallTime time = ParseTime("2026-11-20T10:35:00.123456Z").value();
  EXPECT_EQ(FormatTime(time), "2026-11-20T10:35:00.123456Z");
  EXPECT_EQ(FormatDate(time), "2026-11-20");
  EXPECT_EQ(FormatDateCompact(time), "20261120");
}

TEST(ClockTest, ReadsOffsetsAndFractions) {
  EXPECT_EQ(FormatTime(ParseTime("2024-02-29T23:30:00-03:00").value()), "2024-03-01T02:30:00.000000Z");
  EXPECT_EQ(FormatTime(ParseTime("1969-12-31T23:59:59.5Z").value()), "1969-12-31T23:59:59.500000Z");
}

TEST(ClockTest, RefusesWhatIsNotATime) {
  for (const char* bad : {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
                          "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00.Z", "aaaa-bb-cc"}) {
    EXPECT_FALSE(ParseTime(bad).ok()) << bad;
  }
}

TEST(ClockTest, FakeClockMovesOnlyWhenTold) {
  FakeClock clock(ParseTime("2026-01-01T00:00:00Z").value());
  const MonoTime before = clock.Mono();
  clock.Advance(std::chrono::seconds(2));
  clock.JumpWall(std::chrono::hours(-1));
  EXPECT_EQ(clock.Mono() - before, std::chrono::seconds(2));
  EXPECT_EQ(FormatTime(clock.Now()), "2025-12-31T23:00:02.000000Z");
}

}  // namespace
}  // namespace vigia
