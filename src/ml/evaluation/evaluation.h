// The whole evaluation of one model on one set of rows: what `vigia evaluate` prints, what training
// writes into metrics.json, and what retraining's guardrails compare.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/executor.h"
#include "base/json.h"
#include "evaluation/bootstrap.h"
#include "evaluation/curves.h"
#include "evaluation/metrics.h"

namespace vigia::evaluation {

// A way to split the rows, e.g. "genero". codes[row] indexes levels; -1 is unknown, its own group.
struct Grouping {
  std::string name;
  std::vector<std::string> levels;
  std::vector<int32_t> codes;
};

struct Rows {
  std::span<const double> scores;   // in [0,1]
  std::span<const uint8_t> labels;  // 0 or 1
  std::span<const int32_t> pupils;  // clusters of the bootstrap; may be empty
  // Who is behind now (defasagem < 0), for the rule "behind now, behind next year"; may be empty.
  std::span<const uint8_t> behind_now;
  std::span<const Grouping> groupings;
};

struct Settings {
  double threshold = 0.5;
  BootstrapSettings bootstrap;
  // A smaller group, or one with fewer rows of either class, is marked: its numbers are noise.
  size_t small_group_rows = 30;
  size_t small_group_class = 5;
};

struct Subgroup {
  std::string feature, value;
  size_t n = 0, positives = 0;
  bool small = false;
  ConfusionMatrix confusion;
  MetricIntervals metrics;
};

struct Evaluation {
  size_t n = 0, positives = 0, pupils = 0;
  double threshold = 0.5;
  size_t resamples = 0;
  ConfusionMatrix confusion;
  MetricIntervals metrics;
  std::vector<Subgroup> subgroups;
  // The persistence rule on the same rows; its ROC-AUC and the like have one step only.
  std::optional<MetricIntervals> persistence;
  ConfusionMatrix persistence_confusion;
  // metric(model) - metric(rule), paired.
  std::optional<MetricIntervals> gain_over_persistence;
  Curves curves;
};

// Deterministic for the seed, whatever the executor. Time: about resamples x rows x (groupings + 3).
Evaluation Evaluate(const Rows& rows, const Settings& settings, Executor& executor);

enum class Detail { kWithoutCurves, kWithCurves };
// {"n":…,"base_rate":…,"threshold":…,"roc_auc":{"value":…,"ci95":[…,…]},…}; undefined values are null.
Json ToJson(const Evaluation& evaluation, Detail detail);
Json ToJson(const Interval& interval);
Json ToJson(const ConfusionMatrix& matrix);

}  // namespace vigia::evaluation
