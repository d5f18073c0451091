#include "training/selection.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/result.h"

namespace vigia::training {

double StandardErrorOfAuc(double auc, size_t positives, size_t negatives) {
  const double q1 = auc / (2 - auc), q2 = 2 * auc * auc / (1 + auc), square = auc * auc;
  const auto p = static_cast<double>(positives), n = static_cast<double>(negatives);
  return std::sqrt((auc * (1 - auc) + (p - 1) * (q1 - square) + (n - 1) * (q2 - square)) / (p * n));
}

double SelectionScore(const CandidateSummary& summary) {
  return summary.temporal_auc ? (summary.auc + *summary.temporal_auc) / 2 : summary.auc;
}

namespace {

// The best of the summaries that `among` admits; null when it admits none.
template <typename Predicate>
const CandidateSummary* BestOf(const std::vector<CandidateSummary>& summaries, const Predicate& among) {
  const CandidateSummary* best = nullptr;
  for (const CandidateSummary& summary : summaries) {
    if (among(summary) && (best == nullptr || SelectionScore(summary) > SelectionScore(*best))) best = &summary;
  }
  return best;
}

}  // namespace

size_t SelectCandidate(std::vector<CandidateSummary>& summaries) {
  CHECK(!summaries.empty(), "nothing to select from");
  const auto is_stable = [](const CandidateSummary& s) { return s.candidate.inputs == InputSet::kStable; };
  const CandidateSummary* best = BestOf(summaries, [](const CandidateSummary&) { return true; });
  const CandidateSummary* best_stable = BestOf(summaries, is_stable);
  const bool stable_will_do =
      best_stable != nullptr && SelectionScore(*best_stable) >= SelectionScore(*best) - best->auc_se;
  if (stable_will_do) best = best_stable;
  const double enough = SelectionScore(*best) - best->auc_se;
  for (CandidateSummary& summary : summaries) {
    summary.eligible = SelectionScore(summary) >= enough && (!stable_will_do || is_stable(summary));
  }
  const auto key = [](const CandidateSummary& s) { return std::tuple(!s.eligible, s.candidate.family, s.brier); };
  const auto chosen = std::min_element(summaries.begin(), summaries.end(),
                                       [&](const auto& a, const auto& b) { return key(a) < key(b); });
  return static_cast<size_t>(chosen - summaries.begin());
}

}  // namespace vigia::training
