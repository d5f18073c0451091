#include "training/artifact_json.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>
#include <set>

#include "catalog/catalog.h"
#include "training/artifacts.h"
#include "training/booster.h"

namespace vigia::training {
namespace {

using features::FeatureType;

constexpr const char* kTargetDefinition =
    "em_risco = 1 when Defasagem (phase minus ideal phase) in the year after the features is below 0, else 0; "
    "pupils without that value are left out";

const char* TypeName(FeatureType type) {
  switch (type) {
    case FeatureType::kNumber: return "number";
    case FeatureType::kInteger: return "integer";
    case FeatureType::kCategory: return "category";
  }
  return "";
}

// Raw features that flow into the estimator.
std::set<std::string> UsedFeatures(const features::FeatureSpec& spec) {
  std::set<std::string> used;
  for (const auto& input : spec.inputs) used.insert(input.inputs.begin(), input.inputs.end());
  return used;
}

Json PointJson(const ThresholdPoint& point) {
  return {{"threshold", point.threshold},
          {"recall", Round6(point.recall)},
          {"precision", Round6(point.precision)},
          {"flagged_rate", Round6(point.flagged_rate)}};
}

Json ThresholdPolicyJson(const TrainedModel& model) {
  const ThresholdPolicy& policy = model.recipe.threshold;
  return {{"objective", "highest precision subject to cross-validated recall, within a tolerance the lowest threshold"},
          {"min_recall", policy.min_recall},
          {"tolerance_se", policy.tolerance_se},
          {"threshold_value", model.threshold.chosen.threshold},
          {"literal_threshold", model.threshold.literal.threshold},
          {"cross_validated", PointJson(model.threshold.chosen)},
          {"literal_cross_validated", PointJson(model.threshold.literal)},
          {"flags_more_than_twice_base_rate", model.threshold.flags_too_many}};
}

Json CandidateJson(const CandidateSummary& summary, bool chosen) {
  Json json = {{"name", summary.candidate.name},
               {"family", FamilyName(summary.candidate.family)},
               {"inputs", InputSetName(summary.candidate.inputs)},
               {"hyperparameters", HyperparametersJson(summary.candidate)},
               {"roc_auc", Round6(summary.auc)},
               {"roc_auc_standard_error", Round6(summary.auc_se)},
               {"roc_auc_fold_sd", Round6(summary.fold_sd)},
               {"pr_auc", Round6(summary.pr_auc)},
               {"brier", Round6(summary.brier)},
               {"within_one_standard_error", summary.eligible},
               {"chosen", chosen}};
  json["temporal_roc_auc"] = summary.temporal_auc ? Json(Round6(*summary.temporal_auc)) : Json(nullptr);
  return json;
}

Json CalibrationTrialsJson(const CalibrationResult& calibration) {
  Json json = Json::object();
  for (const CalibrationTrial& trial : calibration.trials) {
    json[std::string(CalibrationName(trial.method))] = Round6(trial.brier);
  }
  return json;
}

const CandidateSummary& Chosen(const TrainedModel& model) {
  for (const CandidateSummary& summary : model.comparison) {
    if (summary.candidate.name == model.candidate.name) return summary;
  }
  CHECK(false, "the chosen candidate was compared");
}

Json CrossValidationJson(const TrainedModel& model) {
  const CandidateSummary& chosen = Chosen(model);
  Json folds = Json::array();
  for (const double auc : model.fold_auc) folds.push_back(Round6(auc));
  return {{"folds", model.recipe.folds},
          {"repeats", model.recipe.repeats},
          {"grouped_by", "aluno"},
          {"roc_auc_mean", Round6(chosen.auc)},
          {"roc_auc_standard_error", Round6(chosen.auc_se)},
          {"roc_auc_fold_sd", Round6(chosen.fold_sd)},
          {"roc_auc_folds", std::move(folds)}};
}

}  // namespace

double Round6(double value) { return std::round(value * 1e6) / 1e6; }

Json InstanceJson(const features::FeatureSpec& spec, const std::vector<double>& raw) {
  Json instance = Json::object();
  for (size_t i = 0; i < raw.size(); ++i) {
    const features::RawFeature& feature = spec.raw[i];
    if (std::isnan(raw[i])) continue;
    if (feature.type == FeatureType::kCategory) {
      instance[feature.name] = feature.levels[static_cast<size_t>(raw[i])];
    } else if (feature.type == FeatureType::kInteger) {
      instance[feature.name] = static_cast<int64_t>(raw[i]);
    } else {
      instance[feature.name] = raw[i];
    }
  }
  return instance;
}

Json HyperparametersJson(const Candidate& candidate) {
  if (candidate.family == Family::kLogisticRegression) return {{"c", candidate.c}, {"penalty", "l2"}};
  const TreeSettings& trees = candidate.trees;
  return {{"rounds", trees.rounds},
          {"max_depth", trees.max_depth},
          {"num_parallel_tree", trees.num_parallel_tree},
          {"eta", trees.eta},
          {"subsample", trees.subsample},
          {"colsample_bytree", trees.colsample_bytree},
          {"colsample_bynode", trees.colsample_bynode},
          {"min_child_weight", trees.min_child_weight},
          {"lambda", trees.lambda}};
}

std::vector<std::string> PeriodNames(const std::vector<int>& years) {
  std::vector<std::string> names;
  for (const int year : years) {
    if (year > 0) names.push_back(fmt::format("{}-{}", year, year + 1));
  }
  return names;
}

Json MetadataJson(const TrainedModel& model, const ArtifactInfo& info) {
  std::vector<std::string> expected, ignored, inputs;
  for (const auto& raw : model.spec.raw) (raw.in_training ? expected : ignored).push_back(raw.name);
  for (const auto& input : model.spec.inputs) inputs.push_back(input.name);
  return {{"model_version", info.model_version},
          {"created_at", FormatTime(info.created_at)},
          {"seed", model.recipe.seed},
          {"target", catalog::kTarget},
          {"target_definition", kTargetDefinition},
          {"training_periods", PeriodNames(model.years)},
          {"reference_year", model.spec.reference_year},
          {"population_filter", "pupils present in the feature year and in the year after"},
          {"n_rows", model.cross_validated.n},
          {"n_pupils", model.cross_validated.pupils},
          {"base_rate", Round6(model.cross_validated.metrics[evaluation::Metric::kBaseRate].value)},
          {"expected_features", expected},
          {"features_without_training_data", ignored},
          {"estimator_inputs", inputs},
          {"feature_set", InputSetName(model.candidate.inputs)},
          {"blocked_features", Json::array({"ra", "nome", "data_de_nascimento", "anything of the label year"})},
          {"preprocessing_summary",
           "inputs derived from raw values, the training median for what is missing, clipped to the range of training"},
          {"model_family", FamilyName(model.candidate.family)},
          {"model_name", model.candidate.name},
          {"hyperparameters", HyperparametersJson(model.candidate)},
          {"calibration", CalibrationName(model.calibration.chosen)},
          {"threshold_policy", ThresholdPolicyJson(model)},
          {"threshold_source", "training"},
          {"libs_versions", {{"xgboost", XgboostVersion()}}},
          {"assumptions",
           Json::array(
               {"the choice of inputs and the threshold's tolerance were informed by published aggregates of 2023-2024 "
                "and by unlabelled features of 2023",
                "probabilities run high when the base rate falls: watch the flagged rate",
                "the score is a reason to look at a pupil, never a decision about one"})}};
}

Json SignatureJson(const TrainedModel& model, const ArtifactInfo& info) {
  const std::set<std::string> used = UsedFeatures(model.spec);
  Json schema = Json::object();
  for (const auto& raw : model.spec.raw) {
    Json entry = {{"type", TypeName(raw.type)}};
    if (raw.type == FeatureType::kCategory) {
      entry["levels"] = raw.levels;
    } else {
      entry["min"] = raw.min;
      entry["max"] = raw.max;
      entry["seen_min"] = raw.seen_min;
      entry["seen_max"] = raw.seen_max;
    }
    entry["required"] = false;
    entry["in_training"] = raw.in_training;
    entry["used"] = used.contains(raw.name);
    schema[raw.name] = std::move(entry);
  }
  const GoldenRow& example = model.golden.front();
  const Json prediction = {{"risk_score", Round6(example.score)},
                           {"risk_label", example.score >= model.threshold.chosen.threshold ? 1 : 0},
                           {"model_version", info.model_version}};
  return {{"model_version", info.model_version},
          {"input_schema", std::move(schema)},
          {"output_schema",
           {{"risk_score", {{"type", "number"}, {"min", 0}, {"max", 1}}},
            {"risk_label", {{"type", "integer"}, {"min", 0}, {"max", 1}}},
            {"model_version", {{"type", "string"}}}}},
          {"example_request", {{"instances", Json::array({InstanceJson(model.spec, example.raw)})}}},
          {"example_response", {{"predictions", Json::array({prediction})}}}};
}

Json MetricsJson(const TrainedModel& model, const ArtifactInfo& info) {
  Json json = {{"model_version", info.model_version},
               {"created_at", FormatTime(info.created_at)},
               {"best_model", model.candidate.name},
               {"threshold", model.threshold.chosen.threshold},
               {"calibration", CalibrationName(model.calibration.chosen)},
               {"calibration_brier", CalibrationTrialsJson(model.calibration)},
               {"cross_validation", CrossValidationJson(model)}};
  // Of rows that the scoring model did not see: what guardrails compare.
  json["validation_metrics"] = evaluation::ToJson(model.cross_validated, evaluation::Detail::kWithCurves);
  json["temporal_validation_metrics"] =
      model.temporal ? evaluation::ToJson(*model.temporal, evaluation::Detail::kWithoutCurves) : Json(nullptr);
  json["feature_importance"] = {{"method", "permutation, loss of ROC-AUC on held-out folds"},
                                {"features", Json::array()}};
  for (const FeatureImportance& feature : model.importance) {
    json["feature_importance"]["features"].push_back({{"feature", feature.feature},
                                                      {"auc_drop", Round6(feature.auc_drop)},
                                                      {"auc_drop_sd", Round6(feature.auc_drop_sd)}});
  }
  return json;
}

Json ComparisonJson(const TrainedModel& model, const ArtifactInfo& info) {
  std::vector<size_t> order(model.comparison.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return SelectionScore(model.comparison[a]) > SelectionScore(model.comparison[b]);
  });
  Json ranking = Json::array();
  for (const size_t i : order) {
    ranking.push_back(CandidateJson(model.comparison[i], model.comparison[i].candidate.name == model.candidate.name));
  }
  return {
      {"created_at", FormatTime(info.created_at)},
      {"primary_metric", "roc_auc"},
      {"best_model", model.candidate.name},
      {"best_metrics", CandidateJson(Chosen(model), true)},
      {"selection_criteria",
       "the stable inputs when their best is within one standard error of the best ROC-AUC; then the simplest family "
       "within one standard error of the best with those inputs; then the lowest Brier score"},
      {"constraints_applied", {{"min_recall", model.recipe.threshold.min_recall}}},
      {"ranking", std::move(ranking)}};
}

Json GoldenJson(const TrainedModel& model) {
  Json rows = Json::array();
  for (const GoldenRow& row : model.golden) {
    rows.push_back({{"instance", InstanceJson(model.spec, row.raw)}, {"year", row.year}, {"risk_score", row.score}});
  }
  return {
      {"origin", "synthetic: random values within what training saw"}, {"tolerance", 1e-6}, {"rows", std::move(rows)}};
}

}  // namespace vigia::training
