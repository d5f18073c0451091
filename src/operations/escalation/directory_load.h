// The directory in YAML.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "escalation/directory.h"

namespace vigia::escalation {

// What loading reads: zones and calendar files.
struct DirectoryWorld {
  const Files& files;
  const calendar::TimeZones& zones;
  std::string folder;  // where relative names of calendar files begin
};

// people:
//   ana: {full_name: Ana Souza, addresses: {sms: "+55…", email: ana@…}, rules: {medium: [email]}, roles: [oncall]}
// teams: {leads: [ana, bia]}
// schedules:
//   sre:
//     time_zone: America/Sao_Paulo
//     layers: [{rotation: [ana, [bia, caio]], start: 2026-01-05T09:00, turn: 7d, hours: Mon-Fri 09:00-18:00}]
//     overrides: [{from: 2026-12-24T18:00, to: 2026-12-26T09:00, people: [bia]}]
//     ical: oncall.ics
// policies:
//   sre:
//     levels: [{name: L1, after: 0s, notify: [schedule:sre], via: [sms], on: [impact_over_10_percent]}]
//     repeat: 2
//     fallback: [person:ana]
// windows: {change-freeze: {time_zone: Europe/Berlin, hours: ["Fri 18:00-24:00"], dates: [{from: …, to: …}]}}
// routes: [{channel: slack, to: ["#ops-alerts"], severity: [critical, high, medium]}]
//
// Keys named in `other_sections` are left to others; the rest that is unknown is a problem.
Directory LoadDirectory(const config::YamlNode& node, const std::string& file, const DirectoryWorld& world,
                        const std::vector<std::string>& other_sections, std::vector<config::Problem>& problems);

}  // namespace vigia::escalation
