// The post-mortem draft: seed 000's template, filled from the timeline.
#pragma once

#include <optional>
#include <string>
#include <vector>

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
