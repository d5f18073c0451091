#include "training/threshold.h"

#include <algorithm>
#include <cmath>

namespace vigia::training {
namespace {

// One repeat's scores, sorted, so that counting above a threshold is a search.
struct SortedScores {
  std::vector<double> all, positives;
};

size_t CountFrom(const std::vector<double>& sorted, double threshold) {
  return static_cast<size_t>(sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), threshold));
}

ThresholdPoint Measure(const std::vector<SortedScores>& repeats, double threshold) {
  ThresholdPoint point{threshold, 0, 0, 0};
  for (const SortedScores& scores : repeats) {
    const auto flagged = static_cast<double>(CountFrom(scores.all, threshold));
    const auto hits = static_cast<double>(CountFrom(scores.positives, threshold));
    point.recall += hits / static_cast<double>(scores.positives.size());
    point.precision += flagged > 0 ? hits / flagged : 0;
    point.flagged_rate += flagged / static_cast<double>(scores.all.size());
  }
  const auto n = static_cast<double>(repeats.size());
  return {threshold, point.recall / n, point.precision / n, point.flagged_rate / n};
}

// Rounded down, so that whoever is flagged stays flagged.
double RoundDown(double threshold) { return std::floor(threshold * 1e6) / 1e6; }

}  // namespace

Result<ThresholdChoice> ChooseThreshold(const std::vector<std::vector<double>>& repeats,
                                        std::span<const uint8_t> labels, const ThresholdPolicy& policy) {
  std::vector<SortedScores> sorted;
  std::vector<double> candidates;
  for (const std::vector<double>& scores : repeats) {
    SortedScores& entry = sorted.emplace_back();
    for (size_t row = 0; row < scores.size(); ++row) {
      entry.all.push_back(scores[row]);
      if (labels[row]) entry.positives.push_back(scores[row]);
      candidates.push_back(RoundDown(scores[row]));
    }
    std::sort(entry.all.begin(), entry.all.end());
    std::sort(entry.positives.begin(), entry.positives.end());
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());

  std::vector<ThresholdPoint> allowed;
  for (const double threshold : candidates) {
    const ThresholdPoint point = Measure(sorted, threshold);
    if (point.recall >= policy.min_recall && point.flagged_rate < 1) allowed.push_back(point);
  }
  if (allowed.empty()) {
    return Error(Code::kFailedPrecondition, "no threshold reaches the wanted recall without flagging everyone");
  }
  ThresholdChoice choice;
  choice.literal = *std::max_element(allowed.begin(), allowed.end(),
                                     [](const auto& a, const auto& b) { return a.precision < b.precision; });
  const double flagged = choice.literal.flagged_rate * static_cast<double>(labels.size());
  const double error = std::sqrt(choice.literal.precision * (1 - choice.literal.precision) / flagged);
  choice.chosen = *std::find_if(allowed.begin(), allowed.end(), [&](const ThresholdPoint& point) {
    return point.precision >= choice.literal.precision - policy.tolerance_se * error;
  });
  const auto positives = static_cast<double>(std::count(labels.begin(), labels.end(), 1));
  const double base_rate = positives / static_cast<double>(labels.size());
  choice.flags_too_many = choice.chosen.flagged_rate > policy.max_flagged_to_base_rate * base_rate;
  return choice;
}

}  // namespace vigia::training
