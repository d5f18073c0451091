#include "calendar/ical.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vigia::calendar {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class IcalTest : public ::testing::Test {
 protected:
  Result<Ical> Parse(const std::string& body) const {
    return Ical::Parse("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + body + "END:VCALENDAR\r\n", zones_,
                       zones_.Find("America/Sao_Paulo").value());
  }
  static std::string Event(const std::string& lines) { return "BEGIN:VEVENT\r\n" + lines + "END:VEVENT\r\n"; }
  static std::vector<std::string> At(const Result<Ical>& ical, const char* utc) {
    if (!ical.ok()) return {ical.error().message()};
    return ical->ActiveAt(ParseTime(utc).value());
  }

  SystemFiles files_;
  TimeZones zones_{files_};
};

TEST_F(IcalTest, SingleEvents) {
  const auto ical =
      Parse(Event("UID:1\r\nSUMMARY:Ana\\, por\r\n  favor\r\nDTSTART:20261120T120000Z\r\nDURATION:PT2H\r\n") +
            Event("UID:2\r\nSUMMARY:bia\r\nDTSTART;VALUE=DATE:20261120\r\n") +
            Event("UID:3\r\nSUMMARY:off\r\nSTATUS:CANCELLED\r\nDTSTART;VALUE=DATE:20261120\r\n"));
  EXPECT_THAT(At(ical, "2026-11-20T11:59:59Z"), ElementsAre("bia"));
  EXPECT_THAT(At(ical, "2026-11-20T12:00:00Z"), ElementsAre("Ana, por favor", "bia"));
  EXPECT_THAT(At(ical, "2026-11-20T14:00:00Z"), ElementsAre("bia"));
  EXPECT_THAT(At(ical, "2026-11-20T02:59:59Z"), IsEmpty());  // the 19th in São Paulo
  EXPECT_THAT(At(ical, "2026-11-21T02:59:59Z"), ElementsAre("bia"));
  EXPECT_THAT(At(ical, "2026-11-21T03:00:00Z"), IsEmpty());
}

// A weekly turn hands over at 09:00 on the wall, also in the week in which the clocks change.
TEST_F(IcalTest, WeeklyTurnsAcrossDaylightSaving) {
  const std::string rule = "RRULE:FREQ=WEEKLY;INTERVAL=2\r\n";
  const auto ical = Parse(Event("UID:1\r\nSUMMARY:ana\r\nDTSTART;TZID=Europe/"
                                "Berlin:20261012T090000\r\nDTEND;TZID=Europe/Berlin:20261019T090000\r\n" +
                                rule) +
                          Event("UID:2\r\nSUMMARY:bia\r\nDTSTART;TZID=Europe/"
                                "Berlin:20261019T090000\r\nDTEND;TZID=Europe/Berlin:20261026T090000\r\n" +
                                rule));
  EXPECT_THAT(At(ical, "2026-10-19T06:59:59Z"), ElementsAre("ana"));
  EXPECT_THAT(At(ical, "2026-10-19T07:00:00Z"), ElementsAre("bia"));
  EXPECT_THAT(At(ical, "2026-10-26T07:59:59Z"), ElementsAre("bia"));  // winter time since the 25th
  EXPECT_THAT(At(ical, "2026-10-26T08:00:00Z"), ElementsAre("ana"));
  EXPECT_THAT(At(ical, "2031-03-31T12:00:00Z"), ElementsAre("bia"));
}

TEST_F(IcalTest, ExceptionsAndMovedOccurrences) {
  const auto ical =
      Parse(Event("UID:1\r\nSUMMARY:ana\r\nDTSTART:20261102T090000Z\r\nDTEND:20261102T170000Z\r\n"
                  "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261112T235959Z\r\nEXDATE:20261104T090000Z\r\n"
                  "RDATE:20261107T090000Z\r\n") +
            Event("UID:1\r\nSUMMARY:bia\r\nRECURRENCE-ID:20261105T090000Z\r\nDTSTART:20261105T100000Z\r\nDTEND:"
                  "20261105T110000Z\r\n"));
  EXPECT_THAT(At(ical, "2026-11-03T10:00:00Z"), ElementsAre("ana"));
  EXPECT_THAT(At(ical, "2026-11-04T10:00:00Z"), IsEmpty());
  EXPECT_THAT(At(ical, "2026-11-05T09:30:00Z"), IsEmpty());
  EXPECT_THAT(At(ical, "2026-11-05T10:30:00Z"), ElementsAre("bia"));
  EXPECT_THAT(At(ical, "2026-11-07T10:00:00Z"), ElementsAre("ana"));  // a Saturday by RDATE
  EXPECT_THAT(At(ical, "2026-11-08T10:00:00Z"), IsEmpty());
  EXPECT_THAT(At(ical, "2026-11-12T10:00:00Z"), ElementsAre("ana"));
  EXPECT_THAT(At(ical, "2026-11-13T10:00:00Z"), IsEmpty());
}

TEST_F(IcalTest, ZonesOfOtherPrograms) {
  for (const char* id :
       {"E. South America Standard Time", "/example.org/2026/America/Sao_Paulo", "\"America/Sao_Paulo\""}) {
    const auto ical = Parse(
        Event(std::string("UID:1\r\nSUMMARY:ana\r\nDURATION:PT1H\r\nDTSTART;TZID=") + id + ":20261120T090000\r\n"));
    EXPECT_THAT(At(ical, "2026-11-20T12:30:00Z"), ElementsAre("ana")) << id;
  }
  EXPECT_THAT(At(Parse("X-WR-TIMEZONE:Europe/Berlin\r\n" +
                       Event("UID:1\r\nSUMMARY:ana\r\nDURATION:PT1H\r\nDTSTART:20261120T090000\r\n")),
                 "2026-11-20T08:30:00Z"),
              ElementsAre("ana"));
}

TEST_F(IcalTest, RefusesWithALine) {
  struct Case {
    std::string body;
    const char* message;
  };
  const Case cases[] = {
      {Event("SUMMARY:x\r\n"), "line 3: an event has no DTSTART"},
      {Event("DTSTART:2026\r\n"), "line 4: a time must be written 20260105T090000, with Z for UTC, or 20260105"},
      {Event("DTSTART;TZID=Mars/Base:20261120T090000\r\n"), "line 4: there is no time zone 'Mars/Base'"},
      {Event("DTSTART:20261120T090000Z\r\nDTEND:20261119T090000Z\r\n"), "line 3: an event ends before it starts"},
      {Event("DTSTART:20261120\r\nRRULE:FREQ=HOURLY\r\n"), "line 5: the part 'FREQ' of a RRULE is not understood"},
      {Event("DTSTART:20261120\r\nRRULE:FREQ=MONTHLY;BYSETPOS=1\r\n"),
       "line 5: the part 'BYSETPOS' of a RRULE is not understood"},
      {"BEGIN:VEVENT\r\n", "line 4: this END has no BEGIN"},
      {"what\r\n", "line 3: this is not a line of a calendar"},
  };
  for (const Case& c : cases) {
    const auto ical = Parse(c.body);
    ASSERT_FALSE(ical.ok()) << c.message;
    EXPECT_EQ(ical.error().message(), c.message);
  }
  for (const char* text : {"", "<html>", "BEGIN:VCARD\r\nEND:VCARD\r\n", "BEGIN:VCALENDAR\r\n"}) {
    EXPECT_FALSE(Ical::Parse(text, zones_, TimeZone()).ok()) << text;
  }
}

// Starts as "MM-DD", at most eight.
std::string Starts(const char* rule, const char* first) {
  const auto parsed = ParseRecurrence(rule);
  if (!parsed.ok()) return parsed.error().message();
  std::string starts;
  int left = 8;
  VisitStarts(*parsed, ParseLocalTime(first).value(), TimeZone(), [&](LocalTime start) {
    starts += FormatLocalTime(start).substr(5, 5) + " ";
    return --left > 0;
  });
  return starts;
}

TEST(RecurrenceTest, Expands) {
  struct Case {
    const char* rule;
    const char* first;
    const char* starts;
  };
  constexpr Case kCases[] = {
      {"FREQ=DAILY;COUNT=3", "2026-02-27", "02-27 02-28 03-01 "},
      {"FREQ=DAILY;INTERVAL=10;COUNT=3", "2026-02-27", "02-27 03-09 03-19 "},
      {"FREQ=DAILY;UNTIL=20260301", "2026-02-27T09:00", "02-27 02-28 03-01 "},
      {"FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4", "2026-11-03", "11-03 11-05 11-10 11-12 "},
      // RFC 5545's example of what WKST changes.
      {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", "08-05 08-10 08-19 08-24 "},
      {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", "08-05 08-17 08-19 08-31 "},
      {"FREQ=MONTHLY;COUNT=3", "2026-01-31", "01-31 03-31 05-31 "},
      {"FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "2026-01-31", "01-31 02-28 03-31 "},
      {"FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=4", "2026-01-05", "01-05 01-30 02-02 02-27 "},
      {"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=3", "2026-01-01", "02-13 03-13 11-13 "},
      {"FREQ=YEARLY;COUNT=2", "2028-02-29", "02-29 02-29 "},
      {"FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU;COUNT=4", "2026-03-29", "03-29 10-25 03-28 10-31 "},
  };
  for (const Case& c : kCases) EXPECT_EQ(Starts(c.rule, c.first), c.starts) << c.rule;
}

TEST(RecurrenceTest, Refuses) {
  for (const char* rule :
       {"", "COUNT=1", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;INTERVAL=x", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;BYDAY=XX",
        "FREQ=YEARLY;BYMONTH=13", "FREQ=DAILY;BYHOUR=9", "FREQ=DAILY;UNTIL=x"}) {
    EXPECT_FALSE(ParseRecurrence(rule).ok()) << rule;
  }
}

}  // namespace
}  // namespace vigia::calendar
