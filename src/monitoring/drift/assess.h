// Decides what a window's counts say about drift. Pure: counts in, verdict out.
//
// A feature is red or yellow only when its PSI or its missing-rate delta reaches the threshold and
// is beyond what sampling noise gives at these sizes. Every feature's PSI, every missing rate and
// the score's PSI are tested together; Holm's correction keeps the chance that a report without
// drift shows any colour at `alpha` (1%) at most. A window of fewer than `min_rows` rows is not
// judged: "too few rows" is a status of its own, neither good nor bad.
//
// The report as a whole is as bad as its worst part. (The published tool forgave yellow features up
// to a fifth of them, because noise made them; here noise does not.)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "baseline/baseline.h"
#include "drift/psi.h"

namespace vigia::drift {

// Half open: a prediction at `start` is inside, one at `end` is not. So windows that follow each
// other share nothing and leave nothing out.
struct Window {
  WallTime start{}, end{};
};
// Exactly `days` × 24 h before `now`. REQUIRES: days >= 1.
Window LastDays(WallTime now, int days);

enum class DriftStatus { kGreen, kYellow, kRed, kTooFewRows, kNoBaseline, kNoData };
std::string_view StatusName(DriftStatus status);  // "green", "too_few_rows", …

struct Thresholds {
  double feature_psi_yellow = 0.10, feature_psi_red = 0.25;
  double score_psi_yellow = 0.10, score_psi_red = 0.25;
  double missing_delta_yellow = 0.05, missing_delta_red = 0.10;
  double alpha = 0.005;  // chance of any false colour in a report
  uint64_t min_rows = 50;
  NullSettings noise;
};

// One histogram of the window, in the slots of the baseline's bins.
struct SlotCounts {
  std::vector<uint64_t> counts;
  std::optional<double> mean;  // of the numbers that are there
};

struct WindowCounts {
  Window window;
  uint64_t requests = 0;
  uint64_t instances = 0;            // rows that were scored by this version
  uint64_t positives = 0;            // … and labelled 1
  std::vector<SlotCounts> features;  // in the order of the baseline's features
  SlotCounts scores;
};

struct FeatureDrift {
  std::string name;
  baseline::FeatureType type = baseline::FeatureType::kUnknown;
  DriftStatus status = DriftStatus::kGreen;
  PsiTest psi;
  double psi_adjusted_p = 1;
  double baseline_missing_rate = 0, current_missing_rate = 0;
  double missing_p = 1, missing_adjusted_p = 1;
  std::optional<double> baseline_mean, current_mean;
  double baseline_std = 0;
  baseline::Bins bins;
  std::vector<uint64_t> baseline_counts, current_counts;

  double missing_delta() const { return current_missing_rate - baseline_missing_rate; }
};

struct DriftReport {
  std::string model_version;
  WallTime baseline_created_at{}, created_at{};
  Window window;
  int days = 0;
  uint64_t requests = 0, instances = 0, baseline_rows = 0;
  double baseline_positive_rate = 0, current_positive_rate = 0;
  DriftStatus global = DriftStatus::kNoData;
  std::vector<FeatureDrift> features;  // in the baseline's order
  FeatureDrift score;                  // named "risk_score"; its missing rates are 0
  Thresholds thresholds;

  size_t Count(DriftStatus status) const;               // among the features
  std::vector<const FeatureDrift*> WorstFirst() const;  // features, then by falling PSI
};

// REQUIRES: the counts fit the baseline's bins.
DriftReport Assess(const baseline::Baseline& baseline, const WindowCounts& counts, const Thresholds& thresholds,
                   int days, WallTime now);
// The same, a feature at a time on the executor's threads.
DriftReport Assess(const baseline::Baseline& baseline, const WindowCounts& counts, const Thresholds& thresholds,
                   int days, WallTime now, Executor& executor);

}  // namespace vigia::drift
