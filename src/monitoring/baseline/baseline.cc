#include "baseline/baseline.h"

#include <algorithm>
#include <cmath>

namespace vigia::baseline {

namespace {

// Linear interpolation between order statistics (type 7 of Hyndman & Fan, 1996).
double Quantile(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(at);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

FeatureProfile ProfileColumn(const tabular::Column& column, const BinSettings& settings) {
  FeatureProfile profile;
  profile.name = column.name;
  profile.missing = column.MissingCount();
  profile.count = column.size() - profile.missing;
  if (column.type == tabular::ColumnType::kNumber) {
    profile.type = FeatureType::kNumeric;
    profile.stats = StatsOf(column.numbers);
    profile.bins = BinNumbers(column.numbers, settings);
  } else {
    profile.type = FeatureType::kCategorical;
    profile.bins = BinLevels(column, settings);
    std::vector<bool> seen(column.levels.size(), false);
    for (const int32_t code : column.codes) {
      if (code >= 0) seen[static_cast<size_t>(code)] = true;
    }
    profile.n_unique = static_cast<uint64_t>(std::count(seen.begin(), seen.end(), true));
  }
  profile.counts = CountColumn(profile.bins, column);
  return profile;
}

FeatureProfile AbsentFeature(const std::string& name, size_t rows) {
  FeatureProfile profile;
  profile.name = name;
  profile.missing = rows;
  profile.counts.assign(profile.bins.slots(), 0);
  profile.counts[profile.bins.missing()] = rows;
  return profile;
}

ScoreProfile ProfileScores(std::span<const double> scores, double threshold, const BinSettings& settings) {
  ScoreProfile profile;
  profile.count = scores.size();
  profile.stats = StatsOf(scores);
  profile.bins = BinNumbers(scores, settings);
  profile.counts = CountNumbers(profile.bins, scores);
  uint64_t positive = 0, above_half = 0;
  for (const double score : scores) {
    const auto bin = static_cast<size_t>(score * static_cast<double>(kScoreHistogramBins));
    ++profile.histogram[std::min(bin, kScoreHistogramBins - 1)];
    positive += score >= threshold ? 1 : 0;
    above_half += score >= 0.5 ? 1 : 0;
  }
  profile.positive_rate = static_cast<double>(positive) / static_cast<double>(scores.size());
  profile.positive_rate_at_half = static_cast<double>(above_half) / static_cast<double>(scores.size());
  return profile;
}

}  // namespace

NumberStats StatsOf(std::span<const double> values) {
  std::vector<double> sorted;
  for (const double value : values) {
    if (!std::isnan(value)) sorted.push_back(value);
  }
  NumberStats stats;
  if (sorted.empty()) return stats;
  std::sort(sorted.begin(), sorted.end());
  double sum = 0;
  for (const double value : sorted) sum += value;
  stats.mean = sum / static_cast<double>(sorted.size());
  double squares = 0;
  for (const double value : sorted) squares += (value - stats.mean) * (value - stats.mean);
  stats.std = sorted.size() < 2 ? 0 : std::sqrt(squares / static_cast<double>(sorted.size() - 1));
  stats.min = sorted.front();
  stats.max = sorted.back();
  stats.p05 = Quantile(sorted, 0.05);
  stats.p10 = Quantile(sorted, 0.10);
  stats.p25 = Quantile(sorted, 0.25);
  stats.p50 = Quantile(sorted, 0.50);
  stats.p75 = Quantile(sorted, 0.75);
  stats.p90 = Quantile(sorted, 0.90);
  stats.p95 = Quantile(sorted, 0.95);
  return stats;
}

const FeatureProfile* Baseline::Find(std::string_view feature) const {
  for (const FeatureProfile& profile : features) {
    if (profile.name == feature) return &profile;
  }
  return nullptr;
}

Result<Baseline> BuildBaseline(const tabular::Table& table, std::span<const double> scores,
                               const BaselineSettings& settings) {
  if (table.rows() == 0) return Error(Code::kInvalidArgument, "baseline: the source has no rows");
  if (settings.features.empty()) return Error(Code::kInvalidArgument, "baseline: the model names no features");
  if (scores.size() != table.rows()) {
    return Error(Code::kInvalidArgument, "baseline: there must be one score per row");
  }
  for (const double score : scores) {
    if (!(score >= 0 && score <= 1)) return Error(Code::kInvalidArgument, "baseline: a score is outside of 0 to 1");
  }
  Baseline baseline;
  baseline.model_version = settings.model_version;
  baseline.source = settings.source;
  baseline.data_path = settings.data_path;
  baseline.notes = settings.notes;
  baseline.created_at = settings.created_at;
  baseline.n_samples = table.rows();
  baseline.threshold = settings.threshold;
  for (const std::string& name : settings.features) {
    const tabular::Column* column = table.Find(name);
    baseline.features.push_back(column == nullptr ? AbsentFeature(name, table.rows())
                                                  : ProfileColumn(*column, settings.bins));
  }
  baseline.scores = ProfileScores(scores, settings.threshold, settings.bins);
  return baseline;
}

}  // namespace vigia::baseline
