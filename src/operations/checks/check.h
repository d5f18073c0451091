// A check: a condition on signals, with `for`, severity, and a behaviour when data is missing.
// Each distinct value of its `by` labels is an instance with an alert of its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "checks/severity.h"
#include "signals/probe.h"
#include "signals/signal.h"

namespace vigia::checks {

enum class Comparison { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };
bool Compare(double value, Comparison comparison, double bound);

// A tree: comparisons at the leaves, all/any above them. Three-valued: a leaf without a reading is
// unknown; `all` is false when one part is false, `any` true when one part is true, else unknown.
struct Condition {
  enum class Kind { kCompare, kAll, kAny };
  Kind kind = Kind::kCompare;
  signals::Selector selector;  // kCompare
  // A share: the sum of `selector`'s readings of an instance over the sum of these. Nothing of nothing
  // is 0; without readings here it is unknown.
  std::optional<signals::Selector> of;
  Comparison comparison = Comparison::kGreater;
  double bound = 0;
  std::vector<Condition> parts;  // kAll, kAny; not empty
};

enum class NoData {
  kOk,       // as if the condition were false
  kAlert,    // as if it were true
  kUnknown,  // pending is dropped, firing is held, and the alert says that it does not know
};

// Nagios' damping: the weighted share of state changes in the last 21 results.
struct Flapping {
  bool enabled = true;
  double high = 0.50;  // from here on the alert flaps: a firing one is held
  double low = 0.25;   // below it, no more
};

struct Check {
  std::string name;  // unique
  Condition when;
  // The labels that make an instance. Without it: all labels of the series for one comparison,
  // none for all/any.
  std::optional<std::vector<std::string>> by;
  Duration every = std::chrono::seconds(10);
  Duration hold = Duration::zero();  // `for`: true for so long before it fires
  Duration keep_firing_for = Duration::zero();
  NoData no_data = NoData::kUnknown;
  Flapping flapping;
  Severity severity = Severity::kP3;
  signals::LabelSet labels;  // added to every alert
  std::map<std::string, std::string> annotations;
  // Of a check that asks a Prometheus (`promql`): makes what asks. Whoever runs the checks runs it, too.
  signals::SourceMaker source;
};

enum class Truth { kFalse, kTrue, kUnknown };

// What one evaluation found for one instance.
struct Observation {
  signals::LabelSet labels;
  Truth truth = Truth::kUnknown;
  std::optional<double> value;  // of the leaf that decided
};

}  // namespace vigia::checks
