// A challenger beside the champion, on the same instances: what both said, and who was right.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "columnar/database.h"
#include "drift/count.h"
#include "performance/assess.h"
#include "performance/find.h"

namespace vigia::performance {

// The answers of one champion and a shadow's scores of the same instances.
struct SideBySide {
  std::string champion;                                     // its version
  uint64_t compared = 0;                                    // instances with both scores
  uint64_t both = 0, neither = 0;                           // flagged as at risk by both, by none
  uint64_t only_champion = 0, only_shadow = 0;              // the flips
  double mean_difference = 0;                               // shadow − champion
  double mean_distance = 0, p50 = 0, p95 = 0, largest = 0;  // |shadow − champion|
  double correlation = 0;                                   // NaN where one of them is constant
  double champion_mean = 0, shadow_mean = 0;                // scores

  double Agreement() const;  // share of the same decision, 0 to 1
};

struct Comparison {
  std::string shadow;  // the challenger's version
  WallTime start{}, end{};
  std::vector<SideBySide> sides;  // one per champion of the window, most compared first
  uint64_t shadow_only = 0;       // shadow scores whose answer is not in the window, or was told apart by nothing
  uint64_t not_scored = 0;        // answers since the shadow's first score that it had no time for
};

// `relation` as drift::CountWindow takes it. A request id and index that came twice in the window
// cannot be told apart and is left out.
Result<Comparison> CompareWithShadow(const columnar::Database& database, const drift::Relation& relation,
                                     const std::string& shadow_version, WallTime start, WallTime end);

// Leaves those predictions that are in both, so that both are measured on the same rows.
void KeepCommon(Found& one, Found& other);

Json ToJson(const Comparison& comparison);

}  // namespace vigia::performance
