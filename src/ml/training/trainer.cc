#include "training/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "training/estimator.h"
#include "training/feature_fitting.h"
#include "training/logistic.h"

namespace vigia::training {
namespace {

constexpr size_t kGoldenRows = 64;
constexpr uint64_t kFinalStream = 2000, kGoldenStream = 2001, kTemporalFitStream = 2002;

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double Deviation(const std::vector<double>& values) {
  const double mean = Mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return values.size() > 1 ? std::sqrt(squares / static_cast<double>(values.size() - 1)) : 0;
}

Result<CandidateSummary> Summarise(const Candidate& candidate, const CandidateScores& scores, const Splits& splits,
                                   const TrainingData& data) {
  CandidateSummary summary;
  summary.candidate = candidate;
  const std::vector<uint8_t>& labels = data.labelled.labels;
  for (const std::vector<double>& margins : scores.margins) {
    summary.auc += RankingAuc(margins, labels) / static_cast<double>(scores.margins.size());
  }
  const auto positives = static_cast<size_t>(std::count(labels.begin(), labels.end(), 1));
  summary.auc_se = StandardErrorOfAuc(summary.auc, positives, labels.size() - positives);
  summary.fold_sd = Deviation(scores.fold_auc);
  if (!scores.temporal_auc.empty()) summary.temporal_auc = Mean(scores.temporal_auc);
  const auto calibrated = TRY(CrossFitCalibration(CalibrationMethod::kSigmoid, scores.margins, splits, data));
  summary.brier = MeanBrier(calibrated, labels);
  for (const std::vector<double>& repeat : calibrated) {
    const evaluation::RankedScores ranked(repeat, labels, 0.5);
    summary.pr_auc += ranked.Compute()[evaluation::Metric::kPrAuc] / static_cast<double>(calibrated.size());
  }
  return summary;
}

evaluation::Evaluation EvaluateRows(const TrainingData& data, const std::vector<double>& scores,
                                    const std::vector<size_t>& rows, double threshold, const Recipe& recipe,
                                    Executor& executor) {
  const LabelledRows& all = data.labelled;
  std::vector<double> picked_scores;
  std::vector<uint8_t> labels, behind;
  std::vector<int32_t> pupils;
  std::vector<evaluation::Grouping> groupings;
  for (const auto& grouping : all.groupings) groupings.push_back({grouping.name, grouping.levels, {}});
  for (const size_t row : rows) {
    picked_scores.push_back(scores[row]);
    labels.push_back(all.labels[row]);
    pupils.push_back(all.pupils[row]);
    if (!all.behind_now.empty()) behind.push_back(all.behind_now[row]);
    for (size_t g = 0; g < groupings.size(); ++g) groupings[g].codes.push_back(all.groupings[g].codes[row]);
  }
  evaluation::Settings settings;
  settings.threshold = threshold;
  settings.bootstrap.seed = recipe.seed;
  return evaluation::Evaluate({picked_scores, labels, pupils, behind, groupings}, settings, executor);
}

// Models of earlier years on later ones, with this training's calibration method and threshold.
Result<std::optional<evaluation::Evaluation>> EvaluateForward(const TrainingData& data, const TrainedModel& model,
                                                              const Splits& splits, Executor& executor) {
  if (splits.temporal.empty()) return std::optional<evaluation::Evaluation>();
  const auto plan = PlanInputs(model.candidate.inputs, data.raw, model.recipe);
  std::vector<double> scores(data.rows());
  std::vector<size_t> rows;
  for (size_t i = 0; i < splits.temporal.size(); ++i) {
    const Fold& fold = splits.temporal[i];
    const auto features = TRY(FitFeatures(plan, data, fold.train));
    const auto estimator = TRY(FittedEstimator::Fit(model.candidate, ComputeInputs(features.pipeline, data, fold.train),
                                                    PickLabels(data, fold.train), features.monotone,
                                                    FitSeed(model.recipe.seed, kTemporalFitStream + i)));
    const auto margins = TRY(estimator.Margins(ComputeInputs(features.pipeline, data, fold.validate)));
    for (size_t k = 0; k < margins.size(); ++k) {
      scores[fold.validate[k]] = model.calibration.final.Apply(margins[k]);
      rows.push_back(fold.validate[k]);
    }
  }
  std::sort(rows.begin(), rows.end());
  return std::optional(EvaluateRows(data, scores, rows, model.threshold.chosen.threshold, model.recipe, executor));
}

// Random values within what was seen, some missing: never a pupil's row.
std::vector<double> MakeUpRow(const features::FeatureSpec& spec, Rng& rng) {
  std::vector<double> row;
  for (const features::RawFeature& feature : spec.raw) {
    const bool is_category = feature.type == features::FeatureType::kCategory;
    if (!feature.in_training || (is_category && feature.levels.empty()) || rng.Uniform() < 0.15) {
      row.push_back(std::numeric_limits<double>::quiet_NaN());
    } else if (is_category) {
      row.push_back(static_cast<double>(rng.Below(feature.levels.size())));
    } else {
      const double value = feature.seen_min + (feature.seen_max - feature.seen_min) * rng.Uniform();
      const double unit = feature.type == features::FeatureType::kInteger ? 1 : 1000;
      row.push_back(std::round(value * unit) / unit);
    }
  }
  return row;
}

Result<std::vector<GoldenRow>> MakeGolden(const features::Pipeline& pipeline, const FittedEstimator& estimator,
                                          const Calibration& calibration, uint64_t seed) {
  Rng rng(seed);
  std::vector<GoldenRow> golden;
  Matrix inputs{kGoldenRows, pipeline.input_width(), {}};
  inputs.values.resize(inputs.rows * inputs.width);
  for (size_t i = 0; i < kGoldenRows; ++i) {
    golden.push_back({MakeUpRow(pipeline.spec(), rng), pipeline.spec().reference_year, 0});
    pipeline.Compute(golden[i].raw, golden[i].year, inputs.Row(i));
  }
  const auto margins = TRY(estimator.Margins(inputs));
  for (size_t i = 0; i < kGoldenRows; ++i) golden[i].score = calibration.Apply(margins[i]);
  return golden;
}

// Fits the chosen candidate on everything.
Status FitFinal(const TrainingData& data, TrainedModel& model) {
  const std::vector<size_t> rows = AllRows(data);
  const auto features = TRY(FitFeatures(PlanInputs(model.candidate.inputs, data.raw, model.recipe), data, rows));
  const auto estimator =
      TRY(FittedEstimator::Fit(model.candidate, ComputeInputs(features.pipeline, data, rows), data.labelled.labels,
                               features.monotone, FitSeed(model.recipe.seed, kFinalStream)));
  model.spec = features.pipeline.spec();
  model.estimator = TRY(estimator.ToJson());
  model.golden =
      TRY(MakeGolden(features.pipeline, estimator, model.calibration.final, FitSeed(model.recipe.seed, kGoldenStream)));
  return {};
}

// Candidate, calibration and threshold: all that FitFinal needs, and nothing that only describes.
Result<TrainedModel> Choose(const TrainingData& data, const Recipe& recipe, const Splits& splits, Executor& executor,
                            Progress& progress) {
  const auto scores = TRY(CrossValidate(data, recipe, splits, executor, progress));
  TrainedModel model;
  model.recipe = recipe;
  model.raw = data.raw;
  const std::set<int> years(data.years.begin(), data.years.end());
  model.years.assign(years.begin(), years.end());
  for (size_t i = 0; i < scores.size(); ++i) {
    model.comparison.push_back(TRY(Summarise(recipe.candidates[i], scores[i], splits, data)));
  }
  const size_t chosen = SelectCandidate(model.comparison);
  model.candidate = recipe.candidates[chosen];
  model.fold_auc = scores[chosen].fold_auc;
  if (model.comparison[chosen].auc <= 0.5) {
    return Error(Code::kFailedPrecondition, "no model ranks unseen pupils better than chance");
  }
  model.calibration = TRY(ChooseCalibration(recipe.calibration, scores[chosen].margins, splits, data));
  model.threshold = TRY(ChooseThreshold(model.calibration.scores, data.labelled.labels, recipe.threshold));
  return model;
}

}  // namespace

Result<TrainedModel> Train(const tabular::Table& table, const Recipe& recipe, Executor& executor, Progress& progress) {
  const TrainingData data = TRY(ReadTrainingData(table, recipe));
  const Splits splits = MakeSplits(data, recipe);
  TrainedModel model = TRY(Choose(data, recipe, splits, executor, progress));
  model.importance = TRY(ComputeImportance(data, recipe, model.candidate, splits, executor, progress));
  progress.Begin("evaluating", 0);
  model.cross_validated = EvaluateRows(data, MeanOverRepeats(model.calibration.scores), AllRows(data),
                                       model.threshold.chosen.threshold, recipe, executor);
  model.temporal = TRY(EvaluateForward(data, model, splits, executor));
  TRY(FitFinal(data, model));
  progress.End();
  return model;
}

Result<TrainedModel> TrainUnmeasured(const tabular::Table& table, const Recipe& recipe, Executor& executor,
                                     Progress& progress) {
  const TrainingData data = TRY(ReadTrainingData(table, recipe));
  TrainedModel model = TRY(Choose(data, recipe, MakeSplits(data, recipe), executor, progress));
  TRY(FitFinal(data, model));
  return model;
}

Json ModelJson(const TrainedModel& model) {
  return {{"format", "vigia-model"},
          {"format_version", 1},
          {"features", features::ToJson(model.spec)},
          {"estimator", model.estimator},
          {"calibration", ToJson(model.calibration.final)},
          {"threshold", model.threshold.chosen.threshold}};
}

}  // namespace vigia::training
