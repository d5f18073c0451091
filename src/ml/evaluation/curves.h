// The curves behind the metrics, thinned for drawing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/json.h"

namespace vigia::evaluation {

struct RocPoint {
  double false_positive_rate, true_positive_rate;
};
struct PrPoint {
  double recall, precision;
};
struct CalibrationBin {
  double low, high;  // [low, high), the last one closed
  size_t n;
  double mean_score, observed_rate;  // NaN when n is 0
};
struct HistogramBin {
  double low, high;
  size_t positives, negatives;
};

struct Curves {
  std::vector<RocPoint> roc;                // from (0,0) to (1,1); empty when there is one class only
  std::vector<PrPoint> pr;                  // recall rising; empty when there is no positive
  std::vector<CalibrationBin> calibration;  // 10 bins
  std::vector<HistogramBin> histogram;      // 20 bins
};

// REQUIRES: as RankedScores. At most about `max_points` points a curve.
Curves ComputeCurves(std::span<const double> scores, std::span<const uint8_t> labels, size_t max_points = 200);

Json ToJson(const Curves& curves);

}  // namespace vigia::evaluation
