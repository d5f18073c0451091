// The service's two objectives as error budgets: how fast they burn.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/metrics.h"
#include "slo/burn_rate.h"
#include "slo/outcome_window.h"

namespace vigia::risk {

struct SloSettings {
  double p95_ms = 300;
  double error_rate = 0.01;
  uint64_t min_bad = 5;  // the low-traffic guard of burn rates
};

// One pair of windows of one objective: "errors" (answers of 500 and above; the budget is error_rate) or
// "latency" (answers slower than p95_ms; the budget is the 5% that a p95 leaves).
struct Burn {
  std::string_view sli;
  slo::BurnRule rule;
  slo::Counts long_counts, short_counts;
  slo::BurnState state;
};

// What the rules' windows hold, added up over loops.
class BurnSums {
 public:
  BurnSums();
  void Add(const slo::OutcomeWindow& window, MonoTime now) { window.AddTo(sums_, windows_, now); }
  // Every rule for both objectives; a rule's windows start when the service started.
  std::vector<Burn> Judge(const SloSettings& settings) const;

 private:
  const slo::Outcomes& Of(Duration window) const;
  std::vector<Duration> windows_;  // each once
  std::vector<slo::Outcomes> sums_;
};

// A list, for /slo.
Json ToJson(const std::vector<Burn>& burns);
// slo_burn_rate by objective and window, slo_burn_alert by objective and rule.
void AddBurnMetrics(MetricsText& text, const std::vector<Burn>& burns);

}  // namespace vigia::risk
