#include "drift/assess.h"

#include <algorithm>
#include <cmath>

#include "drift/statistics.h"

namespace vigia::drift {

namespace {

int Severity(DriftStatus status) {
  switch (status) {
    case DriftStatus::kRed: return 3;
    case DriftStatus::kYellow: return 2;
    case DriftStatus::kGreen: return 1;
    case DriftStatus::kTooFewRows:
    case DriftStatus::kNoBaseline:
    case DriftStatus::kNoData: return 0;
  }
  CHECK(false, "unknown drift status");
}

DriftStatus Worse(DriftStatus a, DriftStatus b) { return Severity(b) > Severity(a) ? b : a; }

DriftStatus Level(double value, double yellow, double red) {
  if (value >= red) return DriftStatus::kRed;
  return value >= yellow ? DriftStatus::kYellow : DriftStatus::kGreen;
}

FeatureDrift Measure(const baseline::FeatureProfile& profile, const SlotCounts& current, size_t tests,
                     uint64_t instances, const Thresholds& thresholds) {
  FeatureDrift drift;
  drift.name = profile.name;
  drift.type = profile.type;
  drift.bins = profile.bins;
  drift.baseline_counts = profile.counts;
  drift.current_counts = current.counts;
  CHECK(drift.current_counts.size() == profile.bins.slots(), "the window was counted into other bins");
  drift.baseline_missing_rate = profile.missing_rate();
  const uint64_t missing = current.counts[profile.bins.missing()];
  drift.current_missing_rate = instances == 0 ? 0 : static_cast<double>(missing) / static_cast<double>(instances);
  if (profile.type == baseline::FeatureType::kNumeric && profile.count > 0) {
    drift.baseline_mean = profile.stats.mean;
    drift.baseline_std = profile.stats.std;
  }
  drift.current_mean = current.mean;
  if (profile.type == baseline::FeatureType::kUnknown) return drift;  // nothing to compare with
  drift.psi = TestPsi(profile.counts, current.counts, ShareWeights(profile.bins, profile.counts), thresholds.alpha,
                      tests, thresholds.noise);
  drift.missing_p = SameRatePValue(missing, instances, profile.missing, profile.rows());
  return drift;
}

FeatureDrift MeasureScore(const baseline::Baseline& baseline, const WindowCounts& counts, size_t tests,
                          const Thresholds& thresholds) {
  baseline::FeatureProfile profile;
  profile.name = "risk_score";
  profile.type = baseline::FeatureType::kNumeric;
  profile.count = baseline.scores.count;
  profile.stats = baseline.scores.stats;
  profile.bins = baseline.scores.bins;
  profile.counts = baseline.scores.counts;
  return Measure(profile, counts.scores, tests, counts.instances, thresholds);
}

void Judge(FeatureDrift& drift, const DriftReport& report, double psi_yellow, double psi_red) {
  const Thresholds& thresholds = report.thresholds;
  if (drift.type == baseline::FeatureType::kUnknown) {
    drift.status = DriftStatus::kNoBaseline;
  } else if (report.instances == 0) {
    drift.status = DriftStatus::kNoData;
  } else if (std::min(report.instances, report.baseline_rows) < thresholds.min_rows) {
    drift.status = DriftStatus::kTooFewRows;
  } else {
    drift.status = DriftStatus::kGreen;
    if (drift.psi_adjusted_p <= thresholds.alpha) {
      drift.status = Worse(drift.status, Level(drift.psi.psi, psi_yellow, psi_red));
    }
    if (drift.missing_adjusted_p <= thresholds.alpha) {
      const double delta = std::abs(drift.missing_delta());
      drift.status = Worse(drift.status, Level(delta, thresholds.missing_delta_yellow, thresholds.missing_delta_red));
    }
  }
}

// All tests of the report share one correction.
void Correct(DriftReport& report) {
  std::vector<double> p_values{report.score.psi.p_value};
  for (const FeatureDrift& drift : report.features) {
    if (drift.type == baseline::FeatureType::kUnknown) continue;
    p_values.push_back(drift.psi.p_value);
    p_values.push_back(drift.missing_p);
  }
  const std::vector<double> adjusted = HolmAdjust(p_values);
  report.score.psi_adjusted_p = adjusted[0];
  size_t next = 1;
  for (FeatureDrift& drift : report.features) {
    if (drift.type == baseline::FeatureType::kUnknown) continue;
    drift.psi_adjusted_p = adjusted[next++];
    drift.missing_adjusted_p = adjusted[next++];
  }
}

DriftStatus Global(const DriftReport& report) {
  if (report.instances == 0) return DriftStatus::kNoData;
  if (std::min(report.instances, report.baseline_rows) < report.thresholds.min_rows) return DriftStatus::kTooFewRows;
  DriftStatus worst = Worse(DriftStatus::kGreen, report.score.status);
  for (const FeatureDrift& drift : report.features) worst = Worse(worst, drift.status);
  return worst;
}

}  // namespace

Window LastDays(WallTime now, int days) {
  CHECK(days >= 1, "a window has at least one day");
  return {now - std::chrono::hours(24) * days, now};
}

std::string_view StatusName(DriftStatus status) {
  switch (status) {
    case DriftStatus::kGreen: return "green";
    case DriftStatus::kYellow: return "yellow";
    case DriftStatus::kRed: return "red";
    case DriftStatus::kTooFewRows: return "too_few_rows";
    case DriftStatus::kNoBaseline: return "no_baseline";
    case DriftStatus::kNoData: return "no_data";
  }
  CHECK(false, "unknown drift status");
}

size_t DriftReport::Count(DriftStatus status) const {
  return static_cast<size_t>(
      std::count_if(features.begin(), features.end(), [&](const FeatureDrift& f) { return f.status == status; }));
}

std::vector<const FeatureDrift*> DriftReport::WorstFirst() const {
  std::vector<const FeatureDrift*> order;
  for (const FeatureDrift& drift : features) order.push_back(&drift);
  std::stable_sort(order.begin(), order.end(), [](const FeatureDrift* a, const FeatureDrift* b) {
    if (Severity(a->status) != Severity(b->status)) return Severity(a->status) > Severity(b->status);
    return a->psi.psi > b->psi.psi;
  });
  return order;
}

DriftReport Assess(const baseline::Baseline& baseline, const WindowCounts& counts, const Thresholds& thresholds,
                   int days, WallTime now) {
  InlineExecutor executor;
  return Assess(baseline, counts, thresholds, days, now, executor);
}

DriftReport Assess(const baseline::Baseline& baseline, const WindowCounts& counts, const Thresholds& thresholds,
                   int days, WallTime now, Executor& executor) {
  CHECK(counts.features.size() == baseline.features.size(), "one histogram per feature is needed");
  DriftReport report;
  report.model_version = baseline.model_version;
  report.baseline_created_at = baseline.created_at;
  report.created_at = now;
  report.window = counts.window;
  report.days = days;
  report.requests = counts.requests;
  report.instances = counts.instances;
  report.baseline_rows = baseline.n_samples;
  report.baseline_positive_rate = baseline.scores.positive_rate;
  report.current_positive_rate =
      counts.instances == 0 ? 0 : static_cast<double>(counts.positives) / static_cast<double>(counts.instances);
  report.thresholds = thresholds;
  size_t tests = 1;
  for (const auto& profile : baseline.features) tests += profile.type == baseline::FeatureType::kUnknown ? 0 : 2;
  report.features.resize(baseline.features.size());
  executor.ParallelFor(report.features.size() + 1, [&](size_t i) {
    if (i == report.features.size()) {
      report.score = MeasureScore(baseline, counts, tests, thresholds);
    } else {
      report.features[i] = Measure(baseline.features[i], counts.features[i], tests, counts.instances, thresholds);
    }
  });
  Correct(report);
  for (FeatureDrift& drift : report.features) {
    Judge(drift, report, thresholds.feature_psi_yellow, thresholds.feature_psi_red);
  }
  Judge(report.score, report, thresholds.score_psi_yellow, thresholds.score_psi_red);
  report.global = Global(report);
  return report;
}

}  // namespace vigia::drift
