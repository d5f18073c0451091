#include "evaluation/curves.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/result.h"
#include "evaluation/metrics.h"

namespace vigia::evaluation {
namespace {

constexpr size_t kHistogramBins = 20;

// Keeps first, last, and evenly spaced points between.
template <typename Point>
std::vector<Point> Thin(std::vector<Point> points, size_t max_points) {
  if (points.size() <= max_points || max_points < 2) return points;
  std::vector<Point> kept;
  kept.reserve(max_points);
  for (size_t i = 0; i < max_points; ++i) kept.push_back(points[i * (points.size() - 1) / (max_points - 1)]);
  return kept;
}

void TraceRanking(std::span<const double> scores, std::span<const uint8_t> labels, size_t max_points, Curves& curves) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  const auto positives = static_cast<double>(std::count(labels.begin(), labels.end(), 1));
  const double negatives = static_cast<double>(labels.size()) - positives;
  std::vector<RocPoint> roc{{0, 0}};
  std::vector<PrPoint> pr;
  double hits = 0, false_alarms = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    (labels[order[i]] ? hits : false_alarms) += 1;
    if (i + 1 < order.size() && scores[order[i + 1]] == scores[order[i]]) continue;
    roc.push_back({negatives > 0 ? false_alarms / negatives : 0, positives > 0 ? hits / positives : 0});
    pr.push_back({positives > 0 ? hits / positives : 0, hits / (hits + false_alarms)});
  }
  if (positives > 0 && negatives > 0) curves.roc = Thin(std::move(roc), max_points);
  if (positives > 0) curves.pr = Thin(std::move(pr), max_points);
}

Json Rounded(double value) { return std::isnan(value) ? Json(nullptr) : Json(std::round(value * 1e6) / 1e6); }

}  // namespace

Curves ComputeCurves(std::span<const double> scores, std::span<const uint8_t> labels, size_t max_points) {
  CHECK(scores.size() == labels.size(), "one label per score");
  Curves curves;
  TraceRanking(scores, labels, max_points, curves);

  std::vector<double> score_sum(kCalibrationBins), label_sum(kCalibrationBins);
  std::vector<size_t> count(kCalibrationBins);
  for (size_t i = 0; i < kHistogramBins; ++i) {
    curves.histogram.push_back(
        {static_cast<double>(i) / kHistogramBins, static_cast<double>(i + 1) / kHistogramBins, 0, 0});
  }
  for (size_t i = 0; i < scores.size(); ++i) {
    const size_t bin = BinOf(scores[i], kCalibrationBins);
    ++count[bin];
    score_sum[bin] += scores[i];
    label_sum[bin] += labels[i];
    HistogramBin& bar = curves.histogram[BinOf(scores[i], kHistogramBins)];
    ++(labels[i] ? bar.positives : bar.negatives);
  }
  for (size_t i = 0; i < kCalibrationBins; ++i) {
    const auto n = static_cast<double>(count[i]);
    const double none = std::numeric_limits<double>::quiet_NaN();
    curves.calibration.push_back({static_cast<double>(i) / kCalibrationBins,
                                  static_cast<double>(i + 1) / kCalibrationBins, count[i],
                                  n > 0 ? score_sum[i] / n : none, n > 0 ? label_sum[i] / n : none});
  }
  return curves;
}

Json ToJson(const Curves& curves) {
  Json json = Json::object();
  json["roc"] = Json::array();
  for (const RocPoint& p : curves.roc) {
    json["roc"].push_back({Rounded(p.false_positive_rate), Rounded(p.true_positive_rate)});
  }
  json["pr"] = Json::array();
  for (const PrPoint& p : curves.pr) json["pr"].push_back({Rounded(p.recall), Rounded(p.precision)});
  json["calibration"] = Json::array();
  for (const CalibrationBin& b : curves.calibration) {
    json["calibration"].push_back({{"low", b.low},
                                   {"high", b.high},
                                   {"n", b.n},
                                   {"mean_score", Rounded(b.mean_score)},
                                   {"observed_rate", Rounded(b.observed_rate)}});
  }
  json["histogram"] = Json::array();
  for (const HistogramBin& b : curves.histogram) {
    json["histogram"].push_back(
        {{"low", b.low}, {"high", b.high}, {"positives", b.positives}, {"negatives", b.negatives}});
  }
  return json;
}

}  // namespace vigia::evaluation
