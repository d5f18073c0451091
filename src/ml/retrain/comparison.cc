#include "retrain/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/random.h"
#include "scoring/model.h"
#include "training/data.h"
#include "training/trainer.h"

namespace vigia::retrain {

namespace {

using evaluation::Metric;
using evaluation::MetricIntervals;
using evaluation::RankedScores;

constexpr uint64_t kFoldStream = 3000;

bool HasEnough(const std::vector<size_t>& rows, const std::vector<uint8_t>& labels,
               const ComparisonSettings& settings) {
  const auto positives =
      static_cast<size_t>(std::count_if(rows.begin(), rows.end(), [&](size_t row) { return labels[row] == 1; }));
  return rows.size() >= settings.min_rows && positives >= settings.min_class_rows &&
         rows.size() - positives >= settings.min_class_rows;
}

Status ScoreInto(const scoring::Model& model, const tabular::Table& table, const std::vector<size_t>& rows,
                 const std::vector<size_t>& places, Scored& scored) {
  const tabular::Table picked = table.SelectRows(rows);
  const std::vector<double> raw = TRY(model.pipeline().RawRows(picked));
  const std::vector<int> years = model.pipeline().Years(picked);
  std::vector<double> scores(rows.size());
  model.ScoreBatch(raw, years, scores);
  for (size_t i = 0; i < rows.size(); ++i) {
    scored.scores[places[i]] = scores[i];
    scored.flags[places[i]] = scores[i] >= model.threshold();
  }
  return {};
}

Result<std::shared_ptr<const scoring::Model>> TrainModel(const tabular::Table& table, const training::Recipe& recipe,
                                                         Executor& executor) {
  NoProgress quiet;
  const training::TrainedModel trained = TRY(training::TrainUnmeasured(table, recipe, executor, quiet));
  return scoring::Model::FromJson(training::ModelJson(trained));
}

// Every compared row by a challenger that was trained without its pupil.
Result<Scored> CrossFit(const tabular::Table& table, const std::vector<int32_t>& pupils, const ComparedRows& compared,
                        const training::Recipe& recipe, Executor& executor, Progress& progress,
                        std::vector<double>& thresholds) {
  const size_t count = compared.folds.empty() ? 0 : 1 + *std::max_element(compared.folds.begin(), compared.folds.end());
  Scored scored{std::vector<double>(compared.rows.size()), std::vector<uint8_t>(compared.rows.size())};
  progress.Begin("comparing", count);
  for (size_t fold = 0; fold < count; ++fold) {
    std::vector<size_t> rows, places, rest;
    std::set<int32_t> held_out;
    for (size_t i = 0; i < compared.rows.size(); ++i) {
      if (compared.folds[i] != fold) continue;
      rows.push_back(compared.rows[i]);
      places.push_back(i);
      held_out.insert(pupils[compared.rows[i]]);
    }
    for (size_t row = 0; row < pupils.size(); ++row) {
      if (!held_out.contains(pupils[row])) rest.push_back(row);
    }
    const auto model = TRY(TrainModel(table.SelectRows(rest), recipe, executor));
    TRY(ScoreInto(*model, table, rows, places, scored));
    thresholds.push_back(model->threshold());
    progress.Advance();
  }
  progress.End();
  return scored;
}

// Metrics of decisions come from the flags, because each fold has a threshold of its own.
constexpr Metric kOfFlags[] = {Metric::kRecall, Metric::kPrecision, Metric::kF1, Metric::kF2, Metric::kFlaggedRate};

MetricIntervals WithFlags(MetricIntervals of_scores, const MetricIntervals& of_flags) {
  for (const Metric metric : kOfFlags) of_scores[metric] = of_flags[metric];
  return of_scores;
}

RankedScores RankFlags(const Scored& scored, std::span<const uint8_t> labels) {
  return RankedScores(std::vector<double>(scored.flags.begin(), scored.flags.end()), labels, 0.5);
}

}  // namespace

std::string_view HoldoutName(Holdout holdout) {
  switch (holdout) {
    case Holdout::kLaterYears: return "later_years";
    case Holdout::kGrouped: return "grouped_by_pupil";
  }
  return "grouped_by_pupil";
}

ComparedRows ChooseRows(const std::vector<int>& years, const std::vector<int32_t>& pupils,
                        const std::vector<uint8_t>& labels, int champion_year, const ComparisonSettings& settings) {
  ComparedRows compared;
  for (size_t row = 0; row < years.size(); ++row) {
    if (champion_year > 0 && years[row] > champion_year) compared.rows.push_back(row);
  }
  compared.holdout = Holdout::kLaterYears;
  if (!HasEnough(compared.rows, labels, settings)) {
    compared.holdout = Holdout::kGrouped;
    compared.rows.resize(years.size());
    std::iota(compared.rows.begin(), compared.rows.end(), size_t{0});
  }
  std::vector<int32_t> dealt;
  for (const size_t row : compared.rows) dealt.push_back(pupils[row]);
  std::sort(dealt.begin(), dealt.end());
  dealt.erase(std::unique(dealt.begin(), dealt.end()), dealt.end());
  Rng rng = Rng(settings.bootstrap.seed).Fork(kFoldStream);
  rng.Shuffle(dealt);
  std::map<int32_t, size_t> fold_of;
  for (size_t i = 0; i < dealt.size(); ++i) fold_of[dealt[i]] = i % settings.folds;
  for (const size_t row : compared.rows) compared.folds.push_back(fold_of[pupils[row]]);
  return compared;
}

void CompareScores(const Scored& champion, const Scored& challenger, std::span<const uint8_t> labels,
                   std::span<const int32_t> pupils, const ComparisonSettings& settings, Executor& executor,
                   Comparison& comparison) {
  const evaluation::BootstrapSettings& bootstrap = settings.bootstrap;
  const RankedScores a(champion.scores, labels, 0.5), b(challenger.scores, labels, 0.5);
  const RankedScores a_flags = RankFlags(champion, labels), b_flags = RankFlags(challenger, labels);
  comparison.champion = WithFlags(evaluation::Bootstrap(a, pupils, bootstrap, executor),
                                  evaluation::Bootstrap(a_flags, pupils, bootstrap, executor));
  comparison.challenger = WithFlags(evaluation::Bootstrap(b, pupils, bootstrap, executor),
                                    evaluation::Bootstrap(b_flags, pupils, bootstrap, executor));
  comparison.difference = WithFlags(evaluation::BootstrapDifference(a, b, pupils, bootstrap, executor),
                                    evaluation::BootstrapDifference(a_flags, b_flags, pupils, bootstrap, executor));
  comparison.guardrails =
      JudgeGuardrails(comparison.champion, comparison.challenger, comparison.difference, settings.margins);
  comparison.decision = Decide(comparison.guardrails);
}

Result<Comparison> Compare(const tabular::Table& table, const registry::Bundle& champion,
                           const training::Recipe& recipe, const ComparisonSettings& settings, Executor& executor,
                           Progress& progress) {
  const training::TrainingData data = TRY(training::ReadTrainingData(table, recipe));
  const training::LabelledRows& all = data.labelled;
  Comparison comparison;
  comparison.champion_year = champion.model->pipeline().spec().reference_year;
  comparison.champion_threshold = champion.threshold;
  const ComparedRows compared = ChooseRows(data.years, all.pupils, all.labels, comparison.champion_year, settings);
  comparison.holdout = compared.holdout;
  comparison.rows = compared.rows.size();
  comparison.folds = settings.folds;

  training::Recipe inner = recipe;
  inner.repeats = std::min(recipe.repeats, settings.inner_repeats);
  const Scored challenger = TRY_CONTEXT(
      CrossFit(table, all.pupils, compared, inner, executor, progress, comparison.challenger_thresholds), "comparing");
  Scored of_champion{std::vector<double>(compared.rows.size()), std::vector<uint8_t>(compared.rows.size())};
  std::vector<size_t> places(compared.rows.size());
  std::iota(places.begin(), places.end(), size_t{0});
  TRY_CONTEXT(ScoreInto(*champion.model, table, compared.rows, places, of_champion), "the champion");

  std::vector<uint8_t> labels;
  std::vector<int32_t> pupils;
  std::set<int> years;
  for (const size_t row : compared.rows) {
    labels.push_back(all.labels[row]);
    pupils.push_back(all.pupils[row]);
    if (data.years[row] > 0) years.insert(data.years[row]);
  }
  comparison.years.assign(years.begin(), years.end());
  comparison.positives = static_cast<size_t>(std::count(labels.begin(), labels.end(), 1));
  comparison.pupils = std::set<int32_t>(pupils.begin(), pupils.end()).size();
  CompareScores(of_champion, challenger, labels, pupils, settings, executor, comparison);
  return comparison;
}

}  // namespace vigia::retrain
