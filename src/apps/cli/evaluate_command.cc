#include "cli/evaluate_command.h"

#include <fmt/format.h>

#include <cmath>
#include <ostream>

#include "dataset/load.h"
#include "evaluation/evaluation.h"
#include "registry/bundle.h"
#include "scoring/model.h"
#include "training/data.h"

namespace vigia::cli {
namespace {

using evaluation::Metric;

struct EvaluateFlags {
  std::string data;
  std::string version, artifacts;
  uint64_t seed = 42;
  double threshold = std::nan("");
  bool curves = false;
};

struct Measured {
  std::string name;  // "v1.0.0", or the folder that `train` wrote
  std::shared_ptr<const scoring::Model> model;
};

// A registered version, the champion, or what `train` wrote. Checked as a service would check it.
Result<Measured> LoadModel(const EvaluateFlags& flags, Context& context) {
  const std::string registry = context.Home("models/registry");
  if (flags.artifacts.empty()) {
    auto bundle = registry::LoadBundle(context.files, registry, flags.version);
    if (bundle.ok()) return Measured{bundle->version, bundle->model};
    const bool no_champion = flags.version.empty() && bundle.error().code() == Code::kNotFound;
    if (!no_champion) return bundle.error();
    if (!context.files.Exists(context.Home("artifacts/model.json"))) {
      return Error(Code::kNotFound, "there is no champion yet, and no artifacts; vigia train makes some");
    }
    context.err << "note: there is no champion yet; measuring what train wrote to artifacts\n";
  }
  const std::string folder = context.UserPath(flags.artifacts.empty() ? "artifacts" : flags.artifacts);
  auto artifacts = TRY(registry::LoadArtifacts(context.files, folder));
  return Measured{folder, std::move(artifacts.model)};
}

void PrintLine(const char* name, const evaluation::Interval& interval, std::ostream& out) {
  if (std::isnan(interval.value)) {
    out << fmt::format("  {:18s} not defined on these rows\n", name);
  } else {
    out << fmt::format("  {:18s} {:.3f}  [{:.3f}, {:.3f}]\n", name, interval.value, interval.low, interval.high);
  }
}

void Print(const evaluation::Evaluation& result, const std::string& model, std::ostream& out) {
  const auto& metrics = result.metrics;
  out << fmt::format("{} on {} rows of {} pupils, {:.1f}% at risk; 95% intervals of {} resamples\n", model, result.n,
                     result.pupils, 100 * metrics[Metric::kBaseRate].value, result.resamples);
  PrintLine("ROC-AUC", metrics[Metric::kRocAuc], out);
  PrintLine("PR-AUC", metrics[Metric::kPrAuc], out);
  PrintLine("Recall", metrics[Metric::kRecall], out);
  PrintLine("Precision", metrics[Metric::kPrecision], out);
  PrintLine("F1", metrics[Metric::kF1], out);
  PrintLine("F2", metrics[Metric::kF2], out);
  PrintLine("Brier", metrics[Metric::kBrier], out);
  PrintLine("Calibration error", metrics[Metric::kCalibrationError], out);
  out << fmt::format("  threshold {:.4f} flags {:.1f}%: {} right, {} wrong; {} at risk are missed\n", result.threshold,
                     100 * metrics[Metric::kFlaggedRate].value, result.confusion.true_positives,
                     result.confusion.false_positives, result.confusion.false_negatives);
  if (result.persistence) {
    out << "Rule \"behind now, behind next year\"\n";
    PrintLine("Recall", (*result.persistence)[Metric::kRecall], out);
    PrintLine("Precision", (*result.persistence)[Metric::kPrecision], out);
  }
  out << "By group (ROC-AUC, recall, precision; ~ marks a group too small to judge)\n";
  for (const auto& group : result.subgroups) {
    out << fmt::format("  {} {:12s} {:24s} n {:5d}  {:.3f}  {:.3f}  {:.3f}\n", group.small ? "~" : " ", group.feature,
                       group.value, group.n, group.metrics[Metric::kRocAuc].value, group.metrics[Metric::kRecall].value,
                       group.metrics[Metric::kPrecision].value);
  }
}

Result<int> RunEvaluate(const EvaluateFlags& flags, Context& context) {
  const auto [name, model] = TRY(LoadModel(flags, context));
  const std::string data = context.UserPath(flags.data);
  const tabular::Table table = TRY(dataset::LoadDataset(context.files, data));
  const training::LabelledRows rows = TRY_CONTEXT(training::ReadLabelledRows(table), data);
  const auto& pipeline = model->pipeline();
  const std::vector<double> raw = TRY_CONTEXT(pipeline.RawRows(table), data);
  const std::vector<int> years = pipeline.Years(table);
  std::vector<double> scores(rows.rows());
  model->ScoreBatch(raw, years, scores);

  evaluation::Settings settings;
  settings.threshold = std::isnan(flags.threshold) ? model->threshold() : flags.threshold;
  settings.bootstrap.seed = flags.seed;
  context.progress.Begin("resampling", 0);
  const auto result = evaluation::Evaluate({scores, rows.labels, rows.pupils, rows.behind_now, rows.groupings},
                                           settings, context.executor);
  context.progress.End();
  if (context.json()) {
    Json document =
        evaluation::ToJson(result, flags.curves ? evaluation::Detail::kWithCurves : evaluation::Detail::kWithoutCurves);
    document["model"] = name;
    context.PrintJson(document);
  } else {
    Print(result, name, context.out);
  }
  return 0;
}

}  // namespace

void AddEvaluateCommand(Commands& commands) {
  auto flags = std::make_shared<EvaluateFlags>();
  flags::Command command = commands.Add("evaluate", "Measure a model on labelled rows, with confidence intervals",
                                        [flags](Context& context) { return RunEvaluate(*flags, context); });
  command.Option("--data", flags->data, "Labelled rows, .parquet or .csv, with the column em_risco").Required();
  const flags::Flag version =
      command.Option("--version", flags->version, "A registered version; the champion unless given");
  command.Option("--artifacts", flags->artifacts, "A folder with model.json instead").Excludes(version);
  command.Option("--threshold", flags->threshold, "Instead of the model's own, 0 to 1").BetweenReal(0.0, 1.0);
  command.Option("--seed", flags->seed, "Of the bootstrap").ShowDefault();
  command.Switch("--curves", flags->curves, "With --json: also ROC, PR, calibration and histogram");
  command.Footer("Example:\n  vigia evaluate --data data/processed/modeling_dataset.parquet --version v1.0.0 --json\n");
}

}  // namespace vigia::cli
