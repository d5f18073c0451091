#include "evaluation/evaluation.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/result.h"

namespace vigia::evaluation {
namespace {

constexpr std::string_view kUnknownGroup = "?";

template <typename T>
std::vector<T> Pick(std::span<const T> values, const std::vector<size_t>& rows) {
  std::vector<T> picked;
  if (values.empty()) return picked;
  picked.reserve(rows.size());
  for (const size_t row : rows) picked.push_back(values[row]);
  return picked;
}

size_t CountPositives(std::span<const uint8_t> labels) {
  return static_cast<size_t>(std::count(labels.begin(), labels.end(), 1));
}

Subgroup EvaluateGroup(const Rows& rows, const std::vector<size_t>& members, const Settings& settings,
                       Executor& executor) {
  const auto scores = Pick(rows.scores, members);
  const auto labels = Pick(rows.labels, members);
  const auto pupils = Pick(rows.pupils, members);
  Subgroup group;
  group.n = members.size();
  group.positives = CountPositives(labels);
  group.small = group.n < settings.small_group_rows || group.positives < settings.small_group_class ||
                group.n - group.positives < settings.small_group_class;
  const RankedScores ranked(scores, labels, settings.threshold);
  group.confusion = ranked.Confusion();
  group.metrics = Bootstrap(ranked, pupils, settings.bootstrap, executor);
  return group;
}

void EvaluateGrouping(const Rows& rows, const Grouping& grouping, const Settings& settings, Executor& executor,
                      std::vector<Subgroup>& out) {
  CHECK(grouping.codes.size() == rows.scores.size(), "one group per row");
  std::vector<std::vector<size_t>> members(grouping.levels.size() + 1);  // the last: unknown
  for (size_t row = 0; row < grouping.codes.size(); ++row) {
    const int32_t code = grouping.codes[row];
    members[code < 0 ? grouping.levels.size() : static_cast<size_t>(code)].push_back(row);
  }
  for (size_t level = 0; level < members.size(); ++level) {
    if (members[level].empty()) continue;
    Subgroup group = EvaluateGroup(rows, members[level], settings, executor);
    group.feature = grouping.name;
    group.value = level < grouping.levels.size() ? grouping.levels[level] : std::string(kUnknownGroup);
    out.push_back(std::move(group));
  }
}

void CompareWithPersistence(const Rows& rows, const RankedScores& model, const Settings& settings, Executor& executor,
                            Evaluation& evaluation) {
  std::vector<double> rule(rows.behind_now.begin(), rows.behind_now.end());
  const RankedScores ranked(rule, rows.labels, 0.5);
  evaluation.persistence = Bootstrap(ranked, rows.pupils, settings.bootstrap, executor);
  evaluation.persistence_confusion = ranked.Confusion();
  evaluation.gain_over_persistence = BootstrapDifference(ranked, model, rows.pupils, settings.bootstrap, executor);
}

Json Number(double value) { return std::isnan(value) ? Json(nullptr) : Json(std::round(value * 1e6) / 1e6); }

constexpr Metric kReported[] = {Metric::kRocAuc, Metric::kPrAuc, Metric::kRecall, Metric::kPrecision,
                                Metric::kF1,     Metric::kF2,    Metric::kBrier,  Metric::kCalibrationError};

void AddMetrics(Json& json, const MetricIntervals& metrics) {
  for (const Metric metric : kReported) json[std::string(MetricName(metric))] = ToJson(metrics[metric]);
  json["flagged_rate"] = Number(metrics[Metric::kFlaggedRate].value);
}

Json SubgroupJson(const Subgroup& group) {
  Json json = {{"feature", group.feature},
               {"value", group.value},
               {"n", group.n},
               {"positives", group.positives},
               {"base_rate", Number(group.metrics[Metric::kBaseRate].value)},
               {"small", group.small}};
  AddMetrics(json, group.metrics);
  json["confusion_matrix"] = ToJson(group.confusion);
  return json;
}

Json PersistenceJson(const Evaluation& evaluation) {
  Json json = {{"rule", "defasagem < 0"}};
  for (const Metric metric : {Metric::kRocAuc, Metric::kRecall, Metric::kPrecision, Metric::kF1, Metric::kF2}) {
    json[std::string(MetricName(metric))] = ToJson((*evaluation.persistence)[metric]);
  }
  json["flagged_rate"] = Number((*evaluation.persistence)[Metric::kFlaggedRate].value);
  json["confusion_matrix"] = ToJson(evaluation.persistence_confusion);
  Json& gain = json["model_minus_rule"] = Json::object();
  for (const Metric metric : {Metric::kRocAuc, Metric::kRecall, Metric::kPrecision, Metric::kF1, Metric::kF2}) {
    gain[std::string(MetricName(metric))] = ToJson((*evaluation.gain_over_persistence)[metric]);
  }
  return json;
}

}  // namespace

Evaluation Evaluate(const Rows& rows, const Settings& settings, Executor& executor) {
  CHECK(rows.scores.size() == rows.labels.size(), "one label per score");
  Evaluation evaluation;
  evaluation.n = rows.scores.size();
  evaluation.positives = CountPositives(rows.labels);
  evaluation.pupils =
      rows.pupils.empty() ? evaluation.n : std::set<int32_t>(rows.pupils.begin(), rows.pupils.end()).size();
  evaluation.threshold = settings.threshold;
  evaluation.resamples = settings.bootstrap.resamples;
  const RankedScores ranked(rows.scores, rows.labels, settings.threshold);
  evaluation.confusion = ranked.Confusion();
  evaluation.metrics = Bootstrap(ranked, rows.pupils, settings.bootstrap, executor);
  evaluation.curves = ComputeCurves(rows.scores, rows.labels);
  if (!rows.behind_now.empty()) CompareWithPersistence(rows, ranked, settings, executor, evaluation);
  for (const Grouping& grouping : rows.groupings) {
    EvaluateGrouping(rows, grouping, settings, executor, evaluation.subgroups);
  }
  return evaluation;
}

Json ToJson(const Interval& interval) {
  Json json = {{"value", Number(interval.value)}};
  if (std::isnan(interval.low)) {
    json["ci95"] = nullptr;
  } else {
    json["ci95"] = {Number(interval.low), Number(interval.high)};
  }
  return json;
}

Json ToJson(const ConfusionMatrix& matrix) {
  return {{"tp", matrix.true_positives},
          {"fp", matrix.false_positives},
          {"tn", matrix.true_negatives},
          {"fn", matrix.false_negatives}};
}

Json ToJson(const Evaluation& evaluation, Detail detail) {
  Json json = {{"n", evaluation.n},
               {"n_positive", evaluation.positives},
               {"n_negative", evaluation.n - evaluation.positives},
               {"n_pupils", evaluation.pupils},
               {"base_rate", Number(evaluation.metrics[Metric::kBaseRate].value)},
               {"threshold", evaluation.threshold}};
  AddMetrics(json, evaluation.metrics);
  json["confusion_matrix"] = ToJson(evaluation.confusion);
  json["bootstrap_resamples"] = evaluation.resamples;
  json["persistence_rule"] = evaluation.persistence ? PersistenceJson(evaluation) : Json(nullptr);
  json["subgroups"] = Json::array();
  for (const Subgroup& group : evaluation.subgroups) json["subgroups"].push_back(SubgroupJson(group));
  if (detail == Detail::kWithCurves) json["curves"] = ToJson(evaluation.curves);
  return json;
}

}  // namespace vigia::evaluation
