#include "checks/check_set.h"

#include <algorithm>
#include <map>

namespace vigia::checks {
namespace {

using signals::LabelSet;
using signals::Reading;

constexpr size_t kMaxInstances = 2'000;  // of one check; what comes later is not looked at
constexpr Duration kForgetAfter = std::chrono::hours(1);

bool HasAll(const LabelSet& labels, const LabelSet& wanted) {
  return std::all_of(wanted.pairs().begin(), wanted.pairs().end(),
                     [&](const auto& pair) { return labels.Get(pair.first) == pair.second; });
}

// Leaves in the order of the tree, with the number of each.
void CollectLeaves(const Condition& condition, std::vector<const Condition*>& leaves) {
  if (condition.kind == Condition::Kind::kCompare) leaves.push_back(&condition);
  for (const Condition& part : condition.parts) CollectLeaves(part, leaves);
}

// What one leaf found for one instance: true when any of its series is.
struct Finding {
  Truth truth = Truth::kUnknown;
  std::optional<double> value;
};

void Merge(Finding& finding, bool truth, double value) {
  if (finding.truth == Truth::kTrue) return;
  finding.truth = truth ? Truth::kTrue : Truth::kFalse;
  finding.value = value;
}

Finding Combine(const Condition& condition, const std::vector<Finding>& leaves, size_t& next) {
  if (condition.kind == Condition::Kind::kCompare) return leaves[next++];
  const bool all = condition.kind == Condition::Kind::kAll;
  const Truth decisive = all ? Truth::kFalse : Truth::kTrue;
  Finding combined{all ? Truth::kTrue : Truth::kFalse, std::nullopt};
  for (const Condition& part : condition.parts) {
    const Finding found = Combine(part, leaves, next);
    if (combined.truth == decisive) continue;  // goes on only to count the leaves
    if (found.truth == decisive || found.truth == Truth::kUnknown) combined.truth = found.truth;
    if (found.value && (!combined.value || found.truth == decisive)) combined.value = found.value;
  }
  return combined;
}

}  // namespace

struct CheckSet::State {
  struct Entry {
    Check check;
    std::vector<const Condition*> leaves;
    std::vector<signals::SignalView::Query> queries;
    std::vector<std::optional<signals::SignalView::Query>> of_queries;  // where the leaf is a share
    bool by_series = false;                                             // each series is an instance
    WallTime due{};
    std::map<LabelSet, Alert> alerts;  // by instance
  };

  std::vector<Check> checks;
  std::vector<std::unique_ptr<Entry>> entries;
  std::unordered_map<std::string, Entry*> by_name;
  signals::SignalView& view;
  std::vector<Reading> readings;  // reused

  explicit State(signals::SignalView& signals) : view(signals) {}

  static Alert NewAlert(const Check& check, const LabelSet& instance) {
    Alert alert;
    alert.check = check.name;
    alert.instance = instance;
    alert.labels = instance.With(check.labels);
    alert.labels.Set("alertname", check.name);
    alert.labels.Set("severity", SeverityWord(check.severity));
    alert.severity = check.severity;
    return alert;
  }

  // Findings of every leaf for every instance that has a reading.
  std::map<LabelSet, std::vector<Finding>> Observe(const Entry& entry, WallTime now) {
    std::map<LabelSet, std::vector<Finding>> found;
    for (size_t leaf = 0; leaf < entry.leaves.size(); ++leaf) {
      if (entry.of_queries[leaf]) {
        ObserveShare(entry, leaf, now, found);
        continue;
      }
      readings.clear();
      view.Read(entry.queries[leaf], now, readings);
      const Condition& condition = *entry.leaves[leaf];
      for (const Reading& reading : readings) {
        const LabelSet instance =
            entry.by_series ? reading.labels : reading.labels.Only(entry.check.by.value_or(std::vector<std::string>()));
        const auto at = found.try_emplace(instance, entry.leaves.size()).first;
        Merge(at->second[leaf], Compare(reading.value, condition.comparison, condition.bound), reading.value);
      }
    }
    return found;
  }

  // Sums of an instance's readings.
  std::map<LabelSet, double> Sums(const Entry& entry, signals::SignalView::Query query, WallTime now) {
    std::map<LabelSet, double> sums;
    readings.clear();
    view.Read(query, now, readings);
    for (const Reading& reading : readings) {
      sums[reading.labels.Only(entry.check.by.value_or(std::vector<std::string>()))] += reading.value;
    }
    return sums;
  }

  void ObserveShare(const Entry& entry, size_t leaf, WallTime now, std::map<LabelSet, std::vector<Finding>>& found) {
    const std::map<LabelSet, double> wholes = Sums(entry, *entry.of_queries[leaf], now);
    const std::map<LabelSet, double> parts = Sums(entry, entry.queries[leaf], now);
    const Condition& condition = *entry.leaves[leaf];
    for (const auto& [instance, whole] : wholes) {
      const auto part = parts.find(instance);
      const double share = part == parts.end() || whole == 0 ? 0 : part->second / whole;
      const auto at = found.try_emplace(instance, entry.leaves.size()).first;
      Merge(at->second[leaf], Compare(share, condition.comparison, condition.bound), share);
    }
  }

  void Evaluate(Entry& entry, WallTime now, std::vector<Changed>& changes) {
    std::map<LabelSet, std::vector<Finding>> found = Observe(entry, now);
    const bool nothing_seen = found.empty() && entry.alerts.empty();
    if (nothing_seen) found.try_emplace(LabelSet(), entry.leaves.size());  // missing altogether is one instance
    for (const auto& [instance, findings] : found) {
      if (entry.alerts.size() >= kMaxInstances) break;
      if (entry.alerts.find(instance) == entry.alerts.end()) {
        entry.alerts.emplace(instance, NewAlert(entry.check, instance));
      }
    }
    for (auto at = entry.alerts.begin(); at != entry.alerts.end();) {
      const auto findings = found.find(at->first);
      Observation observation{at->first, Truth::kUnknown, std::nullopt};
      if (findings != found.end()) {
        size_t next = 0;
        const Finding combined = Combine(entry.check.when, findings->second, next);
        observation.truth = combined.truth;
        observation.value = combined.value;
      } else if (entry.by_series && at->first.empty() && entry.alerts.size() > 1) {
        observation.truth = Truth::kFalse;  // the instance "nothing there" ends when something is there
      }
      at = Apply(entry, at, observation, now, changes) ? std::next(at) : entry.alerts.erase(at);
    }
  }

  // False when the instance has ended and may be forgotten.
  static bool Apply(const Entry& entry, std::map<LabelSet, Alert>::iterator at, const Observation& observation,
                    WallTime now, std::vector<Changed>& changes) {
    const bool unknown_before = at->second.unknown;
    const bool flapping_before = at->second.flapping;
    Step step = Advance(entry.check, std::move(at->second), observation, now);
    at->second = std::move(step.alert);
    const Alert& alert = at->second;
    const bool told = step.change != Change::kNone || alert.flapping != flapping_before ||
                      (alert.unknown != unknown_before && alert.state == AlertState::kFiring);
    if (told) changes.push_back({alert, step.change});
    return alert.state != AlertState::kInactive || !alert.unknown || now - alert.last_true < kForgetAfter;
  }
};

CheckSet::CheckSet(std::vector<Check> checks, signals::SignalView& view) : state_(std::make_unique<State>(view)) {
  for (const Check& check : checks) {
    auto entry = std::make_unique<State::Entry>();
    entry->check = check;
    CollectLeaves(entry->check.when, entry->leaves);
    for (const Condition* leaf : entry->leaves) {
      entry->queries.push_back(view.Prepare(leaf->selector));
      entry->of_queries.push_back(leaf->of ? std::optional(view.Prepare(*leaf->of)) : std::nullopt);
    }
    entry->by_series = !check.by && check.when.kind == Condition::Kind::kCompare && !check.when.of;
    const bool added = state_->by_name.emplace(check.name, entry.get()).second;
    CHECK(added, "two checks have one name");
    state_->entries.push_back(std::move(entry));
  }
  state_->checks = std::move(checks);
}

CheckSet::~CheckSet() = default;

std::vector<CheckSet::Changed> CheckSet::Evaluate(WallTime now) {
  std::vector<Changed> changes;
  for (const auto& entry : state_->entries) {
    if (now < entry->due) continue;
    // Keeps the beat, without making up for beats that were missed.
    entry->due = std::max(entry->due + entry->check.every, now + entry->check.every / 2);
    state_->Evaluate(*entry, now, changes);
  }
  return changes;
}

void CheckSet::Load(const std::vector<Alert>& alerts, WallTime last_seen, WallTime now) {
  for (const Alert& alert : alerts) {
    const auto found = state_->by_name.find(alert.check);
    if (found == state_->by_name.end()) continue;
    Alert restored = Restore(found->second->check, alert, last_seen, now);
    // Labels and severity follow the configuration of today.
    Alert fresh = State::NewAlert(found->second->check, alert.instance);
    restored.labels = fresh.labels;
    restored.severity = fresh.severity;
    found->second->alerts.insert_or_assign(alert.instance, std::move(restored));
  }
}

const Check* CheckSet::Find(const std::string& name) const {
  const auto found = state_->by_name.find(name);
  return found == state_->by_name.end() ? nullptr : &found->second->check;
}

const Alert* CheckSet::FindAlert(const std::string& check, const LabelSet& labels) const {
  const auto found = state_->by_name.find(check);
  if (found == state_->by_name.end()) return nullptr;
  const auto at = found->second->alerts.find(labels);
  return at == found->second->alerts.end() ? nullptr : &at->second;
}

std::vector<Alert> CheckSet::Active() const {
  std::vector<Alert> active;
  for (const auto& entry : state_->entries) {
    for (const auto& [instance, alert] : entry->alerts) {
      if (alert.state != AlertState::kInactive) active.push_back(alert);
    }
  }
  std::sort(active.begin(), active.end(), [](const Alert& a, const Alert& b) {
    return a.check != b.check ? a.check < b.check : a.instance < b.instance;
  });
  return active;
}

Health CheckSet::HealthOf(const std::string& check, const LabelSet& labels) const {
  Health health;
  const auto found = state_->by_name.find(check);
  if (found == state_->by_name.end()) return health;
  for (const auto& [instance, alert] : found->second->alerts) {
    if (!HasAll(alert.labels, labels)) continue;
    ++health.total;
    if (alert.state == AlertState::kFiring) ++health.firing;
  }
  return health;
}

bool CheckSet::Firing(const std::string& check, const LabelSet& labels) const {
  return HealthOf(check, labels).firing > 0;
}

bool CheckSet::Quiet(const std::string& check, const LabelSet& labels) const {
  const auto found = state_->by_name.find(check);
  if (found == state_->by_name.end()) return false;
  bool any = false;
  for (const auto& [instance, alert] : found->second->alerts) {
    if (!HasAll(alert.labels, labels)) continue;
    any = true;
    if (alert.state != AlertState::kInactive || alert.unknown) return false;
  }
  return any;
}

const std::vector<Check>& CheckSet::checks() const { return state_->checks; }

}  // namespace vigia::checks
