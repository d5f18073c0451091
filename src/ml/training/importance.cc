#include "training/importance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "training/estimator.h"
#include "training/feature_fitting.h"

namespace vigia::training {
namespace {

constexpr size_t kShuffles = 5;
constexpr size_t kRepeats = 2;  // of the cross-validation: more only narrows the deviation

using Drops = std::map<uint16_t, std::vector<double>>;  // raw feature to losses

std::set<uint16_t> UsedRaw(const features::Pipeline& pipeline) {
  std::set<uint16_t> used;
  for (size_t input = 0; input < pipeline.input_width(); ++input) {
    const auto raw = pipeline.RawOfInput(input);
    used.insert(raw.begin(), raw.end());
  }
  return used;
}

Result<Drops> FoldDrops(const TrainingData& data, const Candidate& candidate, const std::vector<PlannedInput>& plan,
                        const Fold& fold, uint64_t seed) {
  const FittedFeatures features = TRY(FitFeatures(plan, data, fold.train));
  const FittedEstimator estimator =
      TRY(FittedEstimator::Fit(candidate, ComputeInputs(features.pipeline, data, fold.train),
                               PickLabels(data, fold.train), features.monotone, seed));
  const auto labels = PickLabels(data, fold.validate);
  const double auc = RankingAuc(TRY(estimator.Margins(ComputeInputs(features.pipeline, data, fold.validate))), labels);

  // The fold's rows alone, so that shuffling does not copy the whole table.
  TrainingData part;
  const size_t width = features.pipeline.raw_width();
  for (const size_t row : fold.validate) {
    part.values.insert(part.values.end(), data.values.begin() + static_cast<std::ptrdiff_t>(row * width),
                       data.values.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
    part.years.push_back(data.years[row]);
  }
  std::vector<size_t> rows(fold.validate.size());
  std::iota(rows.begin(), rows.end(), size_t{0});
  Rng rng(seed);
  Drops drops;
  for (const uint16_t raw : UsedRaw(features.pipeline)) {
    std::vector<double> original;
    for (const size_t row : rows) original.push_back(part.values[row * width + raw]);
    for (size_t shuffle = 0; shuffle < kShuffles; ++shuffle) {
      std::vector<double> shuffled = original;
      rng.Shuffle(shuffled);
      for (const size_t row : rows) part.values[row * width + raw] = shuffled[row];
      const auto margins = TRY(estimator.Margins(ComputeInputs(features.pipeline, part, rows)));
      drops[raw].push_back(auc - RankingAuc(margins, labels));
    }
    for (const size_t row : rows) part.values[row * width + raw] = original[row];
  }
  return drops;
}

FeatureImportance Summarise(const std::string& feature, const std::vector<double>& drops) {
  const auto n = static_cast<double>(drops.size());
  const double mean = std::accumulate(drops.begin(), drops.end(), 0.0) / n;
  double squares = 0;
  for (const double drop : drops) squares += (drop - mean) * (drop - mean);
  return {feature, mean, std::sqrt(squares / n)};
}

}  // namespace

Result<std::vector<FeatureImportance>> ComputeImportance(const TrainingData& data, const Recipe& recipe,
                                                         const Candidate& candidate, const Splits& splits,
                                                         Executor& executor, Progress& progress) {
  const std::vector<PlannedInput> plan = PlanInputs(candidate.inputs, data.raw, recipe);
  std::vector<const Fold*> folds;
  for (size_t repeat = 0; repeat < std::min(kRepeats, splits.repeats.size()); ++repeat) {
    for (const Fold& fold : splits.repeats[repeat]) folds.push_back(&fold);
  }
  std::vector<std::optional<Result<Drops>>> outcomes(folds.size());
  progress.Begin("measuring features", folds.size());
  executor.ParallelFor(folds.size(), [&](size_t fold) {
    outcomes[fold] = FoldDrops(data, candidate, plan, *folds[fold], FitSeed(recipe.seed, fold));
    progress.Advance();
  });
  progress.End();
  Drops all;
  for (auto& outcome : outcomes) {
    for (const auto& [raw, drops] : TRY(std::move(*outcome)))
      all[raw].insert(all[raw].end(), drops.begin(), drops.end());
  }
  std::vector<FeatureImportance> importance;
  for (const auto& [raw, drops] : all) importance.push_back(Summarise(data.raw[raw].feature.name, drops));
  std::stable_sort(importance.begin(), importance.end(),
                   [](const auto& a, const auto& b) { return a.auc_drop > b.auc_drop; });
  return importance;
}

}  // namespace vigia::training
