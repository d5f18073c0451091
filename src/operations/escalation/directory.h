// People, how to reach them, and who is on shift. Values; pure once loaded (directory_load.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "calendar/ical.h"
#include "calendar/time_zone.h"
#include "calendar/week_hours.h"
#include "config/map_reader.h"
#include "escalation/policy.h"

namespace vigia::escalation {

// Where something is written, for the linter.
struct Source {
  std::string file;
  int line = 0;
};

struct Address {
  std::string channel;  // a channel's name: "email", "slack", "sms", "pagerduty" …
  std::string address;  // what the channel needs: an e-mail address, a number, a user id
};

struct Person {
  std::string name;  // "ana"
  std::string full_name;
  std::vector<Address> addresses;                              // in the order to try
  std::map<checks::Severity, std::vector<std::string>> rules;  // channels for a severity; else all of them
  std::vector<std::string> roles;                              // "oncall", "ml-owner": who may approve what
  Source source;
};

struct Interval {
  WallTime from{};
  WallTime to{};
};

// People who take turns. A handover is at the same time of the wall clock, whatever daylight saving does.
struct Layer {
  std::vector<std::vector<std::string>> rotation;  // groups of people, in turn
  calendar::LocalTime start{};                     // nobody is on before; in the schedule's zone
  Duration turn = std::chrono::hours(24 * 7);
  calendar::WeekHours hours = calendar::WeekHours::Always();
};
struct Override {
  Interval when;
  std::vector<std::string> people;
};
struct Schedule {
  std::string name;
  calendar::TimeZone zone;
  std::vector<Layer> layers;  // the first that has somebody on wins
  std::vector<Override> overrides;
  std::optional<calendar::Ical> ical;             // its events' summaries name people
  std::map<std::string, std::string> ical_names;  // what a summary may say, in lower case -> person
  Source source;
};

// Named windows: change freezes, maintenance, recurring silences.
struct TimeWindow {
  std::string name;
  calendar::TimeZone zone;
  calendar::WeekHours hours;
  std::vector<Interval> dates;
  Source source;
};

// A room: told about incidents of these severities, whoever is on shift (seed 003's channels).
struct Route {
  std::string channel;
  std::vector<std::string> to;
  std::vector<checks::Severity> severities;
  Source source;
};

struct Directory {
  std::map<std::string, Person> people;
  std::map<std::string, std::vector<std::string>> teams;
  std::map<std::string, Schedule> schedules;
  std::map<std::string, Policy> policies;
  std::map<std::string, TimeWindow> windows;
  std::vector<Route> routes;
  std::map<std::string, Source> sources;  // "team:leads", "policy:sre", "policy:sre/L1"
};

struct Reached {
  std::string person;  // empty: a room
  Address address;
};

// Who is on at `now`: an override's people, else the calendar's, else the first layer's that has
// somebody on; empty when nobody is.
std::vector<std::string> OnShift(const Schedule& schedule, WallTime now);
bool Inside(const TimeWindow& window, WallTime now);

// People and addresses for a call, nobody and no address twice. Channels: `via`, else the person's
// rules for the severity, else all; somebody who has none of those is reached by what there is.
// When the recipients are nobody, the policy's fallback is called.
std::vector<Reached> Resolve(const Directory& directory, const Call& call, const Policy& policy,
                             checks::Severity severity, WallTime now);
std::vector<Reached> Rooms(const Directory& directory, checks::Severity severity);
std::vector<std::string> PeopleOf(const Directory& directory, const Recipient& recipient, WallTime now);

// Unknown names, people without an address, calls by a channel that a person does not have, rules
// that name such a channel, and levels that reach nobody at some time of the five weeks from `now`
// when there is no fallback. `channels`: the configured ones.
std::vector<config::Problem> LintDirectory(const Directory& directory, const std::vector<std::string>& channels,
                                           WallTime now);

}  // namespace vigia::escalation
