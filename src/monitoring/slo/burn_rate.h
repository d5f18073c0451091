// Burn rates: the bad share of events over the share that the objective allows. 1 spends exactly the
// budget. Source: Google's SRE Workbook, chapter 5, "multiwindow, multi-burn-rate alerts".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.h"

namespace vigia::slo {

struct Counts {
  uint64_t events = 0;
  uint64_t bad = 0;
};

// Fires when both windows burn faster than `factor`: the long one says that it matters, the short one
// that it goes on.
struct BurnRule {
  std::string_view severity;  // "page" or "ticket"
  std::string_view long_name, short_name;
  Duration long_window, short_window;
  double factor = 1;
};
// 1h/5m at 14.4, 6h/30m at 6 (page), 3d/6h at 1 (ticket): 2%, 5% and 10% of a budget of 30 days.
std::span<const BurnRule> BurnRules();

struct BurnSettings {
  double budget = 0.01;  // the bad share that the objective allows, in (0,1)
  // Low traffic: one failure of three requests is no burning service. A rule fires only on this many bad
  // events in its long window.
  uint64_t min_bad = 5;
};

struct BurnState {
  double long_rate = 0;  // 0 without events
  double short_rate = 0;
  bool exceeded = false;   // both windows burn faster than the factor
  bool held_back = false;  // exceeded, and too few bad events to fire
  // With a large budget even a service that fails always burns slower than the factor.
  bool reachable = true;
  bool firing() const { return exceeded && !held_back; }
};

double BurnRate(const Counts& counts, double budget);
BurnState Judge(const BurnRule& rule, const Counts& long_counts, const Counts& short_counts,
                const BurnSettings& settings);

}  // namespace vigia::slo
