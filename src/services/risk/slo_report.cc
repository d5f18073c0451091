#include "risk/slo_report.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/result.h"

namespace vigia::risk {

namespace {

constexpr double kSlowBudget = 0.05;  // of a 95th percentile

double RoundedRate(double rate) { return std::round(rate * 1e4) / 1e4; }

slo::Counts Failed(const slo::Outcomes& outcomes) { return {outcomes.requests, outcomes.failed}; }
slo::Counts Slow(const slo::Outcomes& outcomes) { return {outcomes.requests, outcomes.slow}; }

}  // namespace

BurnSums::BurnSums() {
  std::set<Duration> windows;
  for (const slo::BurnRule& rule : slo::BurnRules()) windows.insert({rule.long_window, rule.short_window});
  windows_.assign(windows.begin(), windows.end());
  sums_.resize(windows_.size());
}

const slo::Outcomes& BurnSums::Of(Duration window) const {
  const auto found = std::lower_bound(windows_.begin(), windows_.end(), window);
  CHECK(found != windows_.end() && *found == window, "a window that no rule has");
  return sums_[static_cast<size_t>(found - windows_.begin())];
}

std::vector<Burn> BurnSums::Judge(const SloSettings& settings) const {
  std::vector<Burn> burns;
  const auto add = [&](std::string_view sli, slo::Counts (*counts)(const slo::Outcomes&), double budget) {
    for (const slo::BurnRule& rule : slo::BurnRules()) {
      const slo::Counts long_counts = counts(Of(rule.long_window)), short_counts = counts(Of(rule.short_window));
      burns.push_back({sli, rule, long_counts, short_counts,
                       slo::Judge(rule, long_counts, short_counts, {budget, settings.min_bad})});
    }
  };
  // An objective without a budget allows nothing: then the smallest budget stands for none.
  add("errors", Failed, std::max(settings.error_rate, 1e-9));
  add("latency", Slow, kSlowBudget);
  return burns;
}

Json ToJson(const std::vector<Burn>& burns) {
  Json list = Json::array();
  for (const Burn& burn : burns) {
    list.push_back({{"sli", burn.sli},
                    {"severity", burn.rule.severity},
                    {"factor", burn.rule.factor},
                    {"long_window", burn.rule.long_name},
                    {"long_burn_rate", RoundedRate(burn.state.long_rate)},
                    {"long_requests", burn.long_counts.events},
                    {"long_bad", burn.long_counts.bad},
                    {"short_window", burn.rule.short_name},
                    {"short_burn_rate", RoundedRate(burn.state.short_rate)},
                    {"short_requests", burn.short_counts.events},
                    {"short_bad", burn.short_counts.bad},
                    {"firing", burn.state.firing()},
                    {"held_back_by_low_traffic", burn.state.held_back},
                    {"reachable", burn.state.reachable}});
  }
  return list;
}

void AddBurnMetrics(MetricsText& text, const std::vector<Burn>& burns) {
  text.Family("slo_burn_rate", MetricsText::Type::kGauge,
              "How fast an error budget is spent: 1 spends it exactly by the end of its period.");
  std::set<std::pair<std::string_view, std::string_view>> written;  // rules share windows
  for (const Burn& burn : burns) {
    if (written.insert({burn.sli, burn.rule.long_name}).second) {
      text.Sample({{"sli", burn.sli}, {"window", burn.rule.long_name}}, burn.state.long_rate);
    }
    if (written.insert({burn.sli, burn.rule.short_name}).second) {
      text.Sample({{"sli", burn.sli}, {"window", burn.rule.short_name}}, burn.state.short_rate);
    }
  }
  text.Family("slo_burn_alert", MetricsText::Type::kGauge,
              "1 while both windows burn faster than the rule's factor and there is traffic enough to say so.");
  for (const Burn& burn : burns) {
    text.Sample({{"sli", burn.sli},
                 {"severity", burn.rule.severity},
                 {"long_window", burn.rule.long_name},
                 {"short_window", burn.rule.short_name}},
                burn.state.firing() ? 1 : 0);
  }
}

}  // namespace vigia::risk
