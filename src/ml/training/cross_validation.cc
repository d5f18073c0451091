#include "training/cross_validation.h"

#include <optional>

#include "evaluation/metrics.h"
#include "training/estimator.h"
#include "training/feature_fitting.h"
#include "training/logistic.h"

namespace vigia::training {
namespace {

constexpr uint64_t kTemporalStream = 1000;

// Fits on one side of a fold and returns the margins of the other.
Result<std::vector<double>> FitFold(const TrainingData& data, const Candidate& candidate,
                                    const std::vector<PlannedInput>& plan, const Fold& fold, uint64_t seed) {
  const FittedFeatures features = TRY(FitFeatures(plan, data, fold.train));
  const FittedEstimator estimator =
      TRY(FittedEstimator::Fit(candidate, ComputeInputs(features.pipeline, data, fold.train),
                               PickLabels(data, fold.train), features.monotone, seed));
  return estimator.Margins(ComputeInputs(features.pipeline, data, fold.validate));
}

}  // namespace

uint64_t FitSeed(uint64_t seed, uint64_t stream) { return Rng(seed).Fork(stream).Next(); }

double RankingAuc(std::span<const double> margins, std::span<const uint8_t> labels) {
  std::vector<double> scores;
  scores.reserve(margins.size());
  for (const double margin : margins) scores.push_back(Sigmoid(margin));
  return evaluation::RankedScores(scores, labels, 0.5).Compute()[evaluation::Metric::kRocAuc];
}

Splits MakeSplits(const TrainingData& data, const Recipe& recipe) {
  const Rng root(recipe.seed);
  Splits splits;
  const LabelledRows& rows = data.labelled;
  for (size_t repeat = 0; repeat < recipe.repeats; ++repeat) {
    splits.repeats.push_back(GroupedFolds(rows.labels, rows.pupils, recipe.folds, root.Fork(repeat)));
  }
  splits.temporal = TemporalFolds(rows.labels, rows.pupils, data.years, recipe.folds, root.Fork(kTemporalStream));
  return splits;
}

Result<std::vector<CandidateScores>> CrossValidate(const TrainingData& data, const Recipe& recipe, const Splits& splits,
                                                   Executor& executor, Progress& progress) {
  // All folds in one list: the repeats' first, then the temporal ones.
  std::vector<const Fold*> folds;
  for (const auto& repeat : splits.repeats) {
    for (const Fold& fold : repeat) folds.push_back(&fold);
  }
  const size_t random_folds = folds.size();
  for (const Fold& fold : splits.temporal) folds.push_back(&fold);
  if (random_folds == 0) return Error(Code::kInvalidArgument, "too few pupils to cross-validate");

  const std::vector<PlannedInput> plans[] = {PlanInputs(InputSet::kStable, data.raw, recipe),
                                             PlanInputs(InputSet::kFull, data.raw, recipe)};
  const size_t count = recipe.candidates.size() * folds.size();
  std::vector<std::optional<Result<std::vector<double>>>> outcomes(count);
  progress.Begin("comparing models", count);
  executor.ParallelFor(count, [&](size_t task) {
    const Candidate& candidate = recipe.candidates[task / folds.size()];
    const size_t fold = task % folds.size();
    outcomes[task] = FitFold(data, candidate, plans[static_cast<size_t>(candidate.inputs)], *folds[fold],
                             FitSeed(recipe.seed, fold));
    progress.Advance();
  });
  progress.End();

  std::vector<CandidateScores> all(recipe.candidates.size());
  for (size_t task = 0; task < count; ++task) {
    const size_t candidate = task / folds.size(), index = task % folds.size();
    const std::vector<double> margins = TRY_CONTEXT(std::move(*outcomes[task]), recipe.candidates[candidate].name);
    const Fold& fold = *folds[index];
    const double auc = RankingAuc(margins, PickLabels(data, fold.validate));
    CandidateScores& scores = all[candidate];
    if (index >= random_folds) {
      scores.temporal_auc.push_back(auc);
      continue;
    }
    const size_t repeat = index / recipe.folds;
    scores.margins.resize(recipe.repeats);
    scores.margins[repeat].resize(data.rows());
    for (size_t i = 0; i < margins.size(); ++i) scores.margins[repeat][fold.validate[i]] = margins[i];
    scores.fold_auc.push_back(auc);
  }
  return all;
}

}  // namespace vigia::training
