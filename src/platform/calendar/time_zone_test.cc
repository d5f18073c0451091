#include "calendar/time_zone.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>

#include "calendar/posix_zone.h"

namespace vigia::calendar {
namespace {

class TimeZoneTest : public ::testing::Test {
 protected:
  TimeZone Zone(const std::string& name) const { return zones_.Find(name).value(); }
  // The clock on the wall of `zone`, and its offset.
  std::string Shown(const std::string& zone, const char* utc) const {
    const WallTime time = ParseTime(utc).value();
    return FormatLocalTime(Zone(zone).ToLocal(time)) + FormatOffset(Zone(zone).OffsetAt(time));
  }
  std::string Utc(const std::string& zone, const char* local) const {
    return FormatTime(Zone(zone).ToUtc(ParseLocalTime(local).value())).substr(0, 16);
  }

  SystemFiles files_;
  TimeZones zones_{files_};
};

TEST_F(TimeZoneTest, ShowsTheClockOnTheWall) {
  struct Case {
    const char* zone;
    const char* utc;
    const char* shown;
  };
  constexpr Case kCases[] = {
      {"UTC", "2026-11-20T12:00:00Z", "2026-11-20 12:00+00:00"},
      {"Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29 01:59+01:00"},
      {"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29 03:00+02:00"},
      {"Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25 02:59+02:00"},
      {"Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25 02:00+01:00"},
      {"Europe/Berlin", "2090-07-01T12:00:00Z", "2090-07-01 14:00+02:00"},  // by the file's last rule
      {"Europe/Berlin", "2090-12-01T12:00:00Z", "2090-12-01 13:00+01:00"},
      {"America/Sao_Paulo", "2019-02-16T12:00:00Z", "2019-02-16 10:00-02:00"},  // the last summer time
      {"America/Sao_Paulo", "2019-12-16T12:00:00Z", "2019-12-16 09:00-03:00"},
      {"America/Sao_Paulo", "2060-01-16T12:00:00Z", "2060-01-16 09:00-03:00"},
      {"Australia/Lord_Howe", "2060-01-16T12:00:00Z", "2060-01-16 23:00+11:00"},  // half an hour of summer time
      {"Australia/Lord_Howe", "2060-07-16T12:00:00Z", "2060-07-16 22:30+10:30"},
      {"Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01 05:45+05:45"},
      {"America/Sao_Paulo", "1900-01-01T12:00:00Z", "1900-01-01 08:53-03:06"},  // local mean time
  };
  for (const Case& c : kCases) EXPECT_EQ(Shown(c.zone, c.utc), c.shown) << c.zone << " " << c.utc;
}

TEST_F(TimeZoneTest, LocalTimesThatHappenTwiceOrNever) {
  EXPECT_EQ(Utc("Europe/Berlin", "2026-03-29T01:30"), "2026-03-29T00:30");
  EXPECT_EQ(Utc("Europe/Berlin", "2026-03-29T02:30"), "2026-03-29T01:30");  // never: shown as 03:30
  EXPECT_EQ(Utc("Europe/Berlin", "2026-03-29T03:30"), "2026-03-29T01:30");
  EXPECT_EQ(Utc("Europe/Berlin", "2026-10-25T02:30"), "2026-10-25T00:30");  // twice: the first
  EXPECT_EQ(Utc("Europe/Berlin", "2026-10-25T03:00"), "2026-10-25T02:00");
  EXPECT_EQ(Utc("America/Sao_Paulo", "2018-11-04T00:30"), "2018-11-04T03:30");  // midnight was skipped
  EXPECT_EQ(Utc("America/Sao_Paulo", "2026-11-20T09:00"), "2026-11-20T12:00");
}

TEST_F(TimeZoneTest, UnknownAndDamagedZones) {
  for (const char* name : {"", "Nowhere/City", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/Ber lin"}) {
    EXPECT_FALSE(zones_.Find(name).ok()) << name;
  }
  EXPECT_EQ(zones_.Find("Mars/Base").error().message(), "there is no time zone 'Mars/Base'");
  const std::string whole = files_.Read(std::string(TimeZones::kSystemFolder) + "/Europe/Berlin").value();
  ASSERT_TRUE(TimeZone::Parse(whole, "x").ok());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(TimeZone::Parse(std::string_view(whole).substr(0, size), "x").ok()) << size;
  }
}

TEST_F(TimeZoneTest, ToUtcUndoesToLocal) {
  const std::vector<TimeZone> zones = {Zone("Europe/Berlin"), Zone("America/Sao_Paulo"), Zone("Australia/Lord_Howe"),
                                       Zone("Africa/Casablanca"), Zone("Europe/Dublin")};
  EXPECT_TRUE(rc::check("a shown time maps back to an instant that shows it", [&] {
    const TimeZone& zone = zones[*rc::gen::inRange<size_t>(0, zones.size())];
    const WallTime time(std::chrono::seconds(*rc::gen::inRange<int64_t>(0, 4'000'000'000)));
    const LocalTime local = zone.ToLocal(time);
    const WallTime back = zone.ToUtc(local);
    RC_ASSERT(zone.ToLocal(back) == local);
    RC_ASSERT(back <= time);
  }));
}

// The C library reads the same files, in a way that only one thread may use.
TEST_F(TimeZoneTest, AgreesWithTheCLibrary) {
  const char* before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  for (const char* name : {"Europe/Berlin", "America/Sao_Paulo", "America/New_York", "Australia/Sydney", "Asia/Gaza",
                           "Africa/Casablanca", "Europe/Dublin", "America/Godthab", "Antarctica/Troll"}) {
    ASSERT_EQ(::setenv("TZ", name, 1), 0);
    ::tzset();
    const TimeZone zone = Zone(name);
    for (int64_t t = 0; t < 3'500'000'000; t += 12'345'67) {
      const time_t seconds = t;
      tm local{};
      ::localtime_r(&seconds, &local);
      ASSERT_EQ(zone.OffsetAt(WallTime(std::chrono::seconds(t))).count(), local.tm_gmtoff) << name << " " << t;
    }
  }
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
  ::tzset();
}

TEST(PosixZoneTest, RefusesWhatIsNotARule) {
  for (const char* text : {"UTC0", "<-03>3", "CET-1CEST,M3.5.0,M10.5.0/3", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
                           "IST-1GMT0,M10.5.0,M3.5.0/1", "EET-2EEST,J60/0,300/24"}) {
    EXPECT_TRUE(ParsePosixZone(text).ok()) << text;
  }
  for (const char* text : {"", "X", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
                           "CET-1CEST,M3.5.0,M10.5.0 ", "<-033"}) {
    EXPECT_FALSE(ParsePosixZone(text).ok()) << text;
  }
}

TEST(LocalTimeTest, Parses) {
  EXPECT_EQ(FormatLocalTime(ParseLocalTime("2026-01-05T09:00").value()), "2026-01-05 09:00");
  EXPECT_EQ(FormatLocalTime(ParseLocalTime("2026-01-05").value()), "2026-01-05 00:00");
  for (const char* text : {"", "2026-1-5", "2026-02-30T09:00", "2026-01-05T25:00", "2026-01-05T09:00Z", "tomorrow"}) {
    EXPECT_FALSE(ParseLocalTime(text).ok()) << text;
  }
}

}  // namespace
}  // namespace vigia::calendar
