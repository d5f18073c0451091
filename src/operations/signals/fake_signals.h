// Signals that a test sets by hand: each series has its newest value, whatever function is asked.
#pragma once

#include <map>
#include <optional>

#include "signals/signal.h"

namespace vigia::signals {

class FakeSignals final : public SignalView {
 public:
  void Set(const std::string& name, const LabelSet& labels, double value) { series_[name][labels] = value; }
  void Clear(const std::string& name, const LabelSet& labels) { series_[name].erase(labels); }

  Query Prepare(const Selector& selector) override {
    selectors_.push_back(selector);
    return static_cast<Query>(selectors_.size() - 1);
  }
  void Read(Query query, WallTime, std::vector<Reading>& readings) const override {
    const Selector& selector = selectors_.at(query);
    const auto found = series_.find(selector.signal);
    if (found == series_.end()) return;
    for (const auto& [labels, value] : found->second) {
      if (MatchesAll(selector.labels, labels)) readings.push_back({labels, value});
    }
  }

 private:
  std::map<std::string, std::map<LabelSet, double>> series_;
  std::vector<Selector> selectors_;
};

}  // namespace vigia::signals
