#include "training/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "training/logistic.h"

namespace vigia::training {
namespace {

constexpr int kMaxIterations = 100;

// Newton's method on the two parameters; the loss is convex.
Result<Calibration> FitSigmoid(std::span<const double> margins, std::span<const uint8_t> labels) {
  const auto positives = static_cast<double>(std::count(labels.begin(), labels.end(), 1));
  const double negatives = static_cast<double>(labels.size()) - positives;
  const double high = (positives + 1) / (positives + 2), low = 1 / (negatives + 2);
  Calibration fitted;
  fitted.method = CalibrationMethod::kSigmoid;
  fitted.a = 0;
  fitted.b = std::log((positives + 1) / (negatives + 1));
  for (int iteration = 0; iteration < kMaxIterations; ++iteration) {
    std::vector<double> hessian(4), step(2);
    for (size_t i = 0; i < margins.size(); ++i) {
      const double p = Sigmoid(fitted.a * margins[i] + fitted.b);
      const double slope = p - (labels[i] ? high : low), curvature = std::max(p * (1 - p), 1e-12);
      step[0] += slope * margins[i];
      step[1] += slope;
      hessian[0] += curvature * margins[i] * margins[i];
      hessian[2] += curvature * margins[i];
      hessian[3] += curvature;
    }
    hessian[0] += 1e-9;
    if (!SolvePositiveDefinite(hessian, step)) break;
    // Far from the optimum a full step may overshoot: the length is bounded.
    const double length = std::max(std::abs(step[0]), std::abs(step[1]));
    const double scale = length > 2 ? 2 / length : 1;
    fitted.a -= scale * step[0];
    fitted.b -= scale * step[1];
    if (length < 1e-10) return fitted;
  }
  return Error(Code::kInternal, "sigmoid calibration did not converge");
}

Calibration FitIsotonic(std::span<const double> margins, std::span<const uint8_t> labels) {
  struct Block {
    double first, last, sum, weight;
  };
  std::vector<size_t> order(margins.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return margins[a] < margins[b]; });
  std::vector<Block> blocks;
  for (const size_t i : order) {
    const double p = Sigmoid(margins[i]);
    if (!blocks.empty() && blocks.back().last == p) {  // ties are one point
      blocks.back().sum += labels[i];
      blocks.back().weight += 1;
    } else {
      blocks.push_back({p, p, static_cast<double>(labels[i]), 1});
    }
  }
  std::vector<Block> pooled;
  for (Block block : blocks) {
    while (!pooled.empty() && pooled.back().sum * block.weight >= block.sum * pooled.back().weight) {
      block = {pooled.back().first, block.last, pooled.back().sum + block.sum, pooled.back().weight + block.weight};
      pooled.pop_back();
    }
    pooled.push_back(block);
  }
  Calibration fitted;
  fitted.method = CalibrationMethod::kIsotonic;
  for (const Block& block : pooled) {
    fitted.x.push_back(block.first);
    fitted.y.push_back(block.sum / block.weight);
    if (block.last == block.first) continue;
    fitted.x.push_back(block.last);
    fitted.y.push_back(block.sum / block.weight);
  }
  return fitted;
}

}  // namespace

std::string_view CalibrationName(CalibrationMethod method) {
  switch (method) {
    case CalibrationMethod::kNone: return "none";
    case CalibrationMethod::kSigmoid: return "sigmoid";
    case CalibrationMethod::kIsotonic: return "isotonic";
  }
  return "";
}

double Calibration::Apply(double margin) const {
  if (method != CalibrationMethod::kIsotonic) return Sigmoid(a * margin + b);
  const double p = Sigmoid(margin);
  if (p <= x.front()) return y.front();
  if (p >= x.back()) return y.back();
  const auto above = static_cast<size_t>(std::upper_bound(x.begin(), x.end(), p) - x.begin());
  const double share = (p - x[above - 1]) / (x[above] - x[above - 1]);
  return y[above - 1] + share * (y[above] - y[above - 1]);
}

Result<Calibration> FitCalibration(CalibrationMethod method, std::span<const double> margins,
                                   std::span<const uint8_t> labels) {
  CHECK(margins.size() == labels.size(), "one label per margin");
  switch (method) {
    case CalibrationMethod::kNone: break;
    case CalibrationMethod::kSigmoid: return FitSigmoid(margins, labels);
    case CalibrationMethod::kIsotonic: return FitIsotonic(margins, labels);
  }
  return Calibration{};
}

Json ToJson(const Calibration& calibration) {
  Json json = {{"method", CalibrationName(calibration.method)}};
  if (calibration.method == CalibrationMethod::kSigmoid) {
    json["a"] = calibration.a;
    json["b"] = calibration.b;
  }
  if (calibration.method == CalibrationMethod::kIsotonic) {
    json["x"] = calibration.x;
    json["y"] = calibration.y;
  }
  return json;
}

}  // namespace vigia::training
