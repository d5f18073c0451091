// Why an alert is not heard: a silence, a window (maintenance, a recurring silence), or another alert
// that inhibits it. A function of the alerts, the silences, the rules and the time.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "alerting/silence.h"
#include "checks/alert.h"

namespace vigia::alerting {

// Alertmanager's inhibit rule: while an alert with `source` fires, those with `target` and the same
// values of the `equal` labels are not heard. An alert that is both does not inhibit one that is both.
struct InhibitRule {
  std::vector<signals::Matcher> source;
  std::vector<signals::Matcher> target;
  std::vector<std::string> equal;
};

// A recurring silence: alerts with these labels are not heard while the named window is open.
struct WindowSilence {
  std::string window;
  std::vector<signals::Matcher> matchers;
  std::string comment;
};

struct AlertingSettings {
  std::vector<WindowSilence> silences;
  std::vector<InhibitRule> inhibit_rules;
  std::vector<std::string> group_by;                        // alerts that no runbook takes; empty: each alone
  Duration resolve_timeout = std::chrono::minutes(5);       // of a sent alert without an end
  Duration webhook_timeout = std::chrono::hours(12);        // Alertmanager repeats every few hours
  Duration silence_retention = std::chrono::hours(24 * 5);  // after it has expired
  size_t max_alerts = 10'000;                               // that others sent
  size_t max_silences = 2'000;
};

struct Suppression {
  std::vector<std::string> silenced_by;   // ids
  std::vector<std::string> windows;       // names
  std::vector<std::string> inhibited_by;  // fingerprints

  bool any() const { return !silenced_by.empty() || !windows.empty() || !inhibited_by.empty(); }
  std::string ToString() const;  // "silence 1f…, window nightly", for the timeline
};

// A snapshot: what it is made of may change afterwards, but the settings outlive it.
class Suppressor {
 public:
  // `firing`: all that fire, suppressed or not, for a silenced alert still inhibits.
  Suppressor(const AlertingSettings& settings, const Silences& silences, const std::set<std::string>& open_windows,
             const std::vector<const checks::Alert*>& firing, WallTime now);

  Suppression Of(const signals::LabelSet& labels) const;
  bool idle() const { return active_.empty() && windows_.empty() && sources_.empty(); }  // nothing is suppressed

 private:
  // The first alert with these values that matches the source; and the first that is not also a target.
  struct Inhibitor {
    std::string any;
    std::string one_sided;
  };
  struct Sources {
    const InhibitRule* rule;
    std::unordered_map<std::string, Inhibitor> by_equal;
  };

  std::vector<Silence> active_;
  std::vector<const WindowSilence*> windows_;
  std::vector<Sources> sources_;
};

}  // namespace vigia::alerting
