// The words of the reports, in Portuguese and English.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "incidents/postmortem.h"

namespace vigia::incidents {

struct Words {
  std::string_view report, draft_note, summary, date, duration, not_over, impact, requests_hit, not_measured;
  std::string_view severity;
  std::array<std::string_view, 4> severities;
  std::string_view status, investigating, mitigated, resolved, incident, owner, due;
  std::string_view what, when, after, began, detected, acknowledged, escalated;
  std::string_view symptoms, no_alert, target, timeline;
  std::string_view root_cause, root_cause_hint, diagnosis_shows;
  std::string_view budget_burned;
  std::string_view resolution, nothing_done, verification, healed_by;
  std::string_view actions, find_cause, fix_late, fix_channels, extend_runbook, write_runbook, review_guards,
      measure_impact;
  std::string_view lessons, went_well, went_wrong, got_lucky, healed_alone, acknowledged_soon, acknowledged_late;
  std::string_view checklist;
  std::array<std::string_view, 6> items;  // by Item
  std::string_view too_late;
  std::array<std::pair<std::string_view, std::string_view>, 21> kinds;

  // Of the weekly review.
  std::string_view weekly, slo_checked, alerts_reviewed, drift_checked, capacity_updated, incidents_reviewed;
  std::string_view no_data, name, goal, value, met, yes, no;
  std::string_view none, count, mean_acknowledge, mean_resolve, alone, late, open;

  std::string_view KindName(std::string_view kind) const;  // the kind itself when it is unknown
};

const Words& WordsOf(Language language);

// To the second: 4m12s.
std::string Took(Duration duration);

}  // namespace vigia::incidents
