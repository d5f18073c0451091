// How well a model version does: measured where labels are known, estimated where they are not yet.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "evaluation/metrics.h"
#include "performance/labels.h"

namespace vigia::performance {

// One stored prediction that some label may be about.
struct Prediction {
  std::string request_id;
  uint32_t instance = 0;
  WallTime time{};
  double score = 0;
  bool flagged = false;  // what was answered then, with the threshold of then
};

struct Matched {
  std::vector<double> scores;
  std::vector<uint8_t> flagged, labels;
  size_t matched = 0;    // labels that found their prediction, inside the window
  size_t outside = 0;    // … outside of it
  size_t unmatched = 0;  // labels without a prediction of this version
  size_t ambiguous = 0;  // labels without an instance index on a request of several instances
};

// Joins by request and instance. A label without an index belongs to instance 0 of a request that has
// one instance only; on a batch nobody can say which it means, so it is counted and left out.
// `batch_sizes[i]` is how many instances prediction i's request had. A pair counts when the prediction
// was made in [start, end), or its label became known since `start`: labels come about 90 days late.
Matched Match(std::span<const Label> labels, std::span<const Prediction> predictions,
              std::span<const uint32_t> batch_sizes, WallTime start, WallTime end);

struct MetricValue {
  std::string name;                        // "recall", "precision", "f1", "roc_auc", "pr_auc", "brier_score"
  std::optional<double> value, low, high;  // absent where it is not defined
};

struct Limits {
  double recall = 0.70, precision = 0.30, roc_auc = 0.75;
  size_t min_rows = 50;
  uint64_t seed = 42;
  size_t resamples = 1000;
};

enum class Verdict { kGreen, kRed, kInsufficientData, kNoData };
std::string_view StatusName(Verdict status);

struct Alert {
  std::string metric;
  double value = 0, limit = 0;
  bool certain = false;  // the whole interval is below the limit
};

struct Measured {
  Verdict status = Verdict::kNoData;
  size_t n = 0, positives = 0;
  std::vector<MetricValue> metrics;  // empty below the minimum
  std::vector<Alert> alerts;
};

// 95% bootstrap intervals. Recall, precision and F1 are of the answers that were given.
Measured Measure(const Matched& matched, const Limits& limits, Executor& executor);

// Scores of the window, grouped: all of a group count as one tie.
struct ScoreGroup {
  bool flagged = false;
  uint64_t n = 0;
  double sum = 0, sum_of_squares = 0;  // of the scores
};

struct Estimated {
  uint64_t n = 0;
  double expected_positive_rate = 0;
  std::vector<MetricValue> metrics;
};

// Confidence-based performance estimation (CBPE): a calibrated score p is the chance that the label
// is 1, so a window's expected confusion matrix, and every metric of it, follow from its scores alone.
// (Białek, Kuberski, Perrakis & Bifet 2024, arXiv:2401.08348; as in NannyML. The idea of confidence as
// a predictor of accuracy: Guillory et al. 2021; Garg et al. 2022, arXiv:2201.04234.)
// It holds while the scores are calibrated and only the inputs drift; a changed relation between
// inputs and outcome does not show. Intervals: labels drawn from the scores. Groups by rising mean score.
Estimated Estimate(std::span<const ScoreGroup> groups, uint64_t seed);
inline constexpr std::string_view kEstimateMethod = "CBPE";
inline constexpr std::string_view kEstimateCitation =
    "Bialek, Kuberski, Perrakis & Bifet (2024), Estimating Model Performance Under Covariate Shift Without Labels, "
    "arXiv:2401.08348; as implemented in NannyML. Related: Garg et al. (2022), arXiv:2201.04234";

}  // namespace vigia::performance
