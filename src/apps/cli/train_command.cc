#include "cli/train_command.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/train_baseline.h"
#include "dataset/load.h"
#include "training/artifacts.h"

namespace vigia::cli {
namespace {

using evaluation::Metric;
using training::CalibrationChoice;

struct TrainFlags {
  std::string data = "data/processed/modeling_dataset.parquet";
  std::string artifacts = "artifacts";
  std::string version = "v1.0.0";
  uint64_t seed = 42;
  std::string calibration = "auto";
  std::vector<std::string> families;
};

// A name that the command line has checked.
CalibrationChoice Calibration(const std::string& name) {
  if (name == "sigmoid") return CalibrationChoice::kSigmoid;
  if (name == "isotonic") return CalibrationChoice::kIsotonic;
  if (name == "none") return CalibrationChoice::kNone;
  return CalibrationChoice::kAuto;
}

std::string WithInterval(const evaluation::Interval& interval) {
  return fmt::format("{:.3f}  [{:.3f}, {:.3f}]", interval.value, interval.low, interval.high);
}

void Print(const training::TrainedModel& model, const std::string& folder, std::ostream& out) {
  const auto& evaluation = model.cross_validated;
  const auto& metrics = evaluation.metrics;
  out << fmt::format("Trained on {} rows of {} pupils, {:.1f}% at risk.\n\n", evaluation.n, evaluation.pupils,
                     100 * metrics[Metric::kBaseRate].value);
  for (const auto& summary : model.comparison) {
    out << fmt::format("  {} {:32s} ROC-AUC {:.4f} ± {:.4f}   Brier {:.4f}\n",
                       summary.candidate.name == model.candidate.name ? "*" : " ", summary.candidate.name, summary.auc,
                       summary.auc_se, summary.brier);
  }
  out << fmt::format("\n{} ({} inputs, {} calibration), on pupils that it did not see, with 95% intervals:\n",
                     model.candidate.name, model.spec.inputs.size(),
                     training::CalibrationName(model.calibration.chosen));
  out << "  ROC-AUC            " << WithInterval(metrics[Metric::kRocAuc]) << "\n"
      << "  PR-AUC             " << WithInterval(metrics[Metric::kPrAuc]) << "\n"
      << "  Recall             " << WithInterval(metrics[Metric::kRecall]) << "\n"
      << "  Precision          " << WithInterval(metrics[Metric::kPrecision]) << "\n"
      << "  Brier              " << WithInterval(metrics[Metric::kBrier]) << "\n"
      << "  Calibration error  " << WithInterval(metrics[Metric::kCalibrationError]) << "\n";
  if (evaluation.persistence) {
    out << fmt::format("  \"behind now, behind next year\" has recall {:.3f}, precision {:.3f}\n",
                       (*evaluation.persistence)[Metric::kRecall].value,
                       (*evaluation.persistence)[Metric::kPrecision].value);
  }
  out << fmt::format("\nThreshold {:.4f} flags {:.1f}% of the pupils.\n", model.threshold.chosen.threshold,
                     100 * metrics[Metric::kFlaggedRate].value);
  if (model.threshold.flags_too_many) {
    out << "WARNING: that is more than twice the share that is at risk.\n";
  }
  out << "Wrote " << folder << ": read model_report.html\n";
}

Json Report(const training::TrainedModel& model, const TrainFlags& flags, const std::string& folder) {
  Json json = {{"artifacts", folder},
               {"model_version", flags.version},
               {"model_family", training::FamilyName(model.candidate.family)},
               {"model_name", model.candidate.name},
               {"calibration", training::CalibrationName(model.calibration.chosen)},
               {"flags_more_than_twice_base_rate", model.threshold.flags_too_many}};
  json["metrics"] = evaluation::ToJson(model.cross_validated, evaluation::Detail::kWithoutCurves);
  return json;
}

Result<int> RunTrain(const TrainFlags& flags, Context& context) {
  training::Recipe recipe = training::DefaultRecipe();
  recipe.seed = flags.seed;
  recipe.calibration = Calibration(flags.calibration);
  training::KeepFamilies(flags.families, recipe);
  const std::string data = context.UserPath(flags.data), folder = context.HomePath(flags.artifacts);
  const tabular::Table table = TRY(dataset::LoadDataset(context.files, data));
  const auto model = TRY_CONTEXT(training::Train(table, recipe, context.executor, context.progress), data);
  auto artifacts = training::RenderArtifacts(model, {flags.version, context.clock.Now()});
  artifacts["model_report_v1.md"] = artifacts["model_report.md"];  // the name that a runbook reads
  TRY(training::WriteArtifacts(context.files, folder, artifacts));
  TRY(WriteTrainBaseline(model, table, {flags.version, "vigia train", flags.data}, folder, context));
  if (context.json()) {
    context.PrintJson(Report(model, flags, folder));
  } else {
    Print(model, folder, context.out);
  }
  return 0;
}

}  // namespace

void AddTrainCommand(Commands& commands) {
  auto flags = std::make_shared<TrainFlags>();
  flags::Command command = commands.Add("train", "Train, compare, calibrate and report a model of next year's lag",
                                        [flags](Context& context) { return RunTrain(*flags, context); });
  command.Option("--data", flags->data, "Modelling table, .parquet or .csv").ShowDefault();
  command.Option("--artifacts", flags->artifacts, "Folder for the model and its reports").ShowDefault();
  command.Option("--version", flags->version, "The name that the artifacts carry").ShowDefault();
  command.Option("--seed", flags->seed, "Same data and seed, same model, to the byte").ShowDefault();
  command
      .Option("--calibration", flags->calibration,
              "How scores become probabilities: auto (by Brier score on held-out folds), sigmoid, isotonic, none")
      .OneOf({"auto", "sigmoid", "isotonic", "none"})
      .ShowDefault();
  command
      .Option("--families", flags->families,
              "Compare models of these families only, such as logistic_regression: quicker (default: all)")
      .SplitAt(',')
      .OneOf(training::FamilyNames());
  command.Footer(
      "Writes model.json, model_metadata.json, model_signature.json, metrics.json, model_comparison.json,\n"
      "golden_rows.json, model_report.md and model_report.html, all or none, and monitoring_baseline/.\n"
      "Example:\n  vigia train --data data/processed/modeling_dataset.parquet --seed 42\n");
}

}  // namespace vigia::cli
