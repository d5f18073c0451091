// People, how to reach them, and who is on shift.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/map_reader.h"
#include "escalation/policy.h"

namespace vigia::escalation {

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
};

struct Interval {
  WallTime from{};
  WallTime to{};
};

// Rotations in a time zone; `hours` empty is around the clock.
struct Layer {
  std::vector<std::vector<std::string>> rotation;  // groups of people, in turn
  std::string start;                               // "2026-01-05T09:00" in the schedule's zone
  Duration turn = std::chrono::hours(24 * 7);
  std::string hours;  // "Mon-Fri 09:00-17:00"
};
struct Override {
  Interval when;
  std::vector<std::string> people;
};
struct Schedule {
  std::string name;
  std::string time_zone = "UTC";
  std::vector<Layer> layers;  // the first that has somebody on wins
  std::vector<Override> overrides;
  std::string ical;  // contents of a calendar whose events' summaries name people
};

// Named windows: change freezes, maintenance, recurring silences.
struct TimeWindow {
  std::string name;
  std::string time_zone = "UTC";
  std::vector<std::string> hours;  // "Mon-Fri 22:00-06:00"
  std::vector<Interval> dates;
};

struct Directory {
  std::map<std::string, Person> people;
  std::map<std::string, std::vector<std::string>> teams;
  std::map<std::string, Schedule> schedules;
  std::map<std::string, Policy> policies;
  std::map<std::string, TimeWindow> windows;
};

struct Reached {
  std::string person;
  Address address;
};

// Pure. Who is on at `now`; empty when nobody is.
std::vector<std::string> OnShift(const Schedule& schedule, WallTime now);
bool Inside(const TimeWindow& window, WallTime now);
// People and addresses for a call: `via` first, else the person's rules, else all their addresses.
// Empty recipients fall back to the policy's fallback.
std::vector<Reached> Resolve(const Directory& directory, const Call& call, const Policy& policy,
                             checks::Severity severity, WallTime now);

Directory LoadDirectory(const config::YamlNode& node, const std::string& file, std::vector<config::Problem>& problems);
// Unknown names, people without an address for a channel, schedules with gaps, policies that can reach nobody.
// `channels`: the configured ones.
std::vector<config::Problem> LintDirectory(const Directory& directory, const std::vector<std::string>& channels);

}  // namespace vigia::escalation
