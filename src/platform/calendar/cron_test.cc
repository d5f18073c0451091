#include "calendar/cron.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace vigia::calendar {
namespace {

class CronTest : public ::testing::Test {
 protected:
  std::string Next(const char* cron, const std::string& after, const char* zone = "UTC") const {
    const auto next = Cron::Parse(cron).value().Next(ParseTime(after).value(), zones_.Find(zone).value());
    return next ? FormatTime(*next).substr(0, 16) : "never";
  }
  SystemFiles files_;
  TimeZones zones_{files_};
};

TEST_F(CronTest, FindsTheNextTime) {
  const std::string friday = "2026-11-20T12:00:00Z";
  const std::pair<const char*, const char*> cases[] = {
      {"* * * * *", "2026-11-20T12:01"},
      {"0 * * * *", "2026-11-20T13:00"},
      {"*/15 * * * *", "2026-11-20T12:15"},
      {"10/20 * * * *", "2026-11-20T12:10"},
      {"0 3 * * *", "2026-11-21T03:00"},
      {"0 3 * * 0", "2026-11-22T03:00"},
      {"0 3 * * 7", "2026-11-22T03:00"},
      {"0 3 * * sun", "2026-11-22T03:00"},
      {"30 8 * * mon-fri", "2026-11-23T08:30"},
      {"0 0 1 * *", "2026-12-01T00:00"},
      {"0 0 1 JAN *", "2027-01-01T00:00"},
      {"0 0 13 * 5", "2026-11-27T00:00"},  // either day
      {"0 0 29 2 *", "2028-02-29T00:00"},
      {"5,7-9 12 20 11 *", "2026-11-20T12:05"},
      {"@daily", "2026-11-21T00:00"},
      {"@hourly", "2026-11-20T13:00"},
      {"0 0 30 2 *", "never"},
      {"0 0 */10 * *", "2026-11-21T00:00"},
  };
  for (const auto& [cron, want] : cases) EXPECT_EQ(Next(cron, friday), want) << cron;
}

TEST_F(CronTest, GoesByTheClockOnTheWall) {
  EXPECT_EQ(Next("0 3 * * *", "2026-11-20T12:00:00Z", "America/Sao_Paulo"), "2026-11-21T06:00");
  EXPECT_EQ(Next("0 3 * * *", "2026-07-20T12:00:00Z", "Europe/Berlin"), "2026-07-21T01:00");
  // 02:30 does not happen on that night: it comes at what is shown as 03:30, once.
  EXPECT_EQ(Next("30 2 * * *", "2026-03-28T12:00:00Z", "Europe/Berlin"), "2026-03-29T01:30");
  EXPECT_EQ(Next("30 2 * * *", "2026-03-29T01:30:00Z", "Europe/Berlin"), "2026-03-30T00:30");
  // 02:30 happens twice: the first one counts.
  EXPECT_EQ(Next("30 2 * * *", "2026-10-24T12:00:00Z", "Europe/Berlin"), "2026-10-25T00:30");
  EXPECT_EQ(Next("30 2 * * *", "2026-10-25T00:30:00Z", "Europe/Berlin"), "2026-10-26T01:30");
}

TEST_F(CronTest, RefusesNonsense) {
  for (const char* text :
       {"", "daily", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
        "5-3 * * * *", "*/0 * * * *", "a * * * *", "1- * * * *", ", * * * *", "@never"}) {
    EXPECT_FALSE(Cron::Parse(text).ok()) << text;
  }
}

// Whatever the schedule: the next time is later, on a whole minute, and none lies between.
TEST_F(CronTest, TimesComeInOrder) {
  const TimeZone zone = zones_.Find("Europe/Berlin").value();
  EXPECT_TRUE(rc::check([&] {
    const auto field = [](const char* a, const char* b, const char* c) {
      return std::string(*rc::gen::element(a, b, c));
    };
    const Cron cron =
        Cron::Parse(field("*", "0", "*/7") + " " + field("*", "2", "1-4") + " " + field("*", "29", "25-31") + " " +
                    field("*", "3", "10") + " " + field("*", "0", "1,6"))
            .value();
    const WallTime start =
        ParseTime("2026-01-01T00:00:00Z").value() + std::chrono::minutes(*rc::gen::inRange(0, 525'600));
    const auto first = cron.Next(start, zone);
    RC_ASSERT(first.has_value());
    RC_ASSERT(*first > start);
    RC_ASSERT(first->time_since_epoch() % std::chrono::minutes(1) == Duration::zero());
    const WallTime between = start + (*first - start) / 2;
    RC_ASSERT(cron.Next(between, zone) == first || between == start);
    RC_ASSERT(*cron.Next(*first, zone) > *first);
  }));
}

}  // namespace
}  // namespace vigia::calendar
