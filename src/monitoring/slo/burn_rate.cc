#include "slo/burn_rate.h"

#include <array>

namespace vigia::slo {

std::span<const BurnRule> BurnRules() {
  using std::chrono::hours;
  using std::chrono::minutes;
  static constexpr std::array<BurnRule, 3> kRules = {{{"page", "1h", "5m", hours(1), minutes(5), 14.4},
                                                      {"page", "6h", "30m", hours(6), minutes(30), 6},
                                                      {"ticket", "3d", "6h", hours(72), hours(6), 1}}};
  return kRules;
}

double BurnRate(const Counts& counts, double budget) {
  if (counts.events == 0) return 0;
  return static_cast<double>(counts.bad) / static_cast<double>(counts.events) / budget;
}

BurnState Judge(const BurnRule& rule, const Counts& long_counts, const Counts& short_counts,
                const BurnSettings& settings) {
  BurnState state;
  state.long_rate = BurnRate(long_counts, settings.budget);
  state.short_rate = BurnRate(short_counts, settings.budget);
  state.exceeded = state.long_rate > rule.factor && state.short_rate > rule.factor;
  state.held_back = state.exceeded && long_counts.bad < settings.min_bad;
  state.reachable = 1 / settings.budget > rule.factor;
  return state;
}

}  // namespace vigia::slo
