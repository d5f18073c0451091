// The post-mortem draft: seed 000's template, filled from the timeline.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "calendar/time_zone.h"
#include "incidents/incident.h"

namespace vigia::incidents {

enum class Language { kPortuguese, kEnglish };

struct PostmortemFacts {
  Incident incident;
  std::vector<TimelineEntry> timeline;  // in order
  std::optional<double> requests_hit;   // share of requests that failed, in [0, 1]
  std::optional<double> budget_burned;  // share of the error budget, in [0, 1]
  std::string owner;
  std::optional<WallTime> due;
  std::optional<WallTime> began_at;                          // when what is wrong began, if that is known
  std::vector<std::pair<std::string, std::string>> metrics;  // more of the impact: "p95" -> "820 ms"
  calendar::TimeZone zone;                                   // of the times that are written
};

// Markdown. Pure: the same facts give the same bytes.
std::string DraftPostmortem(const PostmortemFacts& facts, Language language);

struct WeekFacts {
  WallTime from{};
  WallTime to{};
  std::vector<Incident> incidents;  // opened or resolved in the week
  Json slo;                         // {"name": {"target", "value", "met"}}
  Json drift;
  Json capacity;
};

// Seed 000's weekly review.
std::string WeeklyReview(const WeekFacts& facts, Language language);

}  // namespace vigia::incidents
