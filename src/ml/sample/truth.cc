#include "sample/truth.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace vigia::sample {

namespace {

using Scored = std::vector<std::pair<double, bool>>;

// Mann–Whitney with ties counted as half; REQUIRES both labels.
double RocAuc(Scored scored) {
  std::sort(scored.begin(), scored.end());
  double rank_sum = 0, positives = 0;
  for (size_t begin = 0; begin < scored.size();) {
    size_t end = begin;
    double here = 0;
    for (; end < scored.size() && scored[end].first == scored[begin].first; ++end) here += scored[end].second ? 1 : 0;
    rank_sum += here * (static_cast<double>(begin + end + 1) / 2);
    positives += here;
    begin = end;
  }
  const double negatives = static_cast<double>(scored.size()) - positives;
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

}  // namespace

Result<PairSummary> SummarisePair(const Cohort& cohort, int feature_year) {
  if (feature_year < kFirstYear || feature_year >= kLastYear) {
    return Error(Code::kInvalidArgument, "year pair: the feature year must be 2022 or 2023");
  }
  Scored oracle, persistence;
  double positives = 0;
  for (const Pupil& pupil : cohort.pupils) {
    const PupilYear* now = pupil.In(feature_year);
    const PupilYear* next = pupil.In(feature_year + 1);
    if (now == nullptr || next == nullptr) continue;
    const bool label = next->Lag() < 0;
    oracle.emplace_back(TrueRisk(*now), label);
    persistence.emplace_back(-now->Lag(), label);
    positives += label ? 1 : 0;
  }
  const auto n = static_cast<double>(oracle.size());
  if (positives == 0 || positives == n) {
    return Error(Code::kFailedPrecondition,
                 std::to_string(feature_year) + ": too few pupils in both years to have both labels");
  }
  return PairSummary{feature_year, oracle.size(), positives / n, RocAuc(std::move(oracle)),
                     RocAuc(std::move(persistence))};
}

std::string TruthCsv(const Cohort& cohort) {
  std::string csv = "RA,year,true_risk\n";
  for (const Pupil& pupil : cohort.pupils) {
    for (const int year : cohort.settings.years) {
      const PupilYear* row = pupil.In(year);
      if (row == nullptr) continue;
      csv += "RA-" + std::to_string(pupil.id) + "," + std::to_string(year) + "," + FormatNumber(TrueRisk(*row)) + "\n";
    }
  }
  return csv;
}

}  // namespace vigia::sample
