#include "cli/retrain_command.h"

#include <fmt/format.h>

#include <cmath>
#include <ostream>
#include <thread>

#include "audit/audit.h"
#include "cli/train_baseline.h"
#include "dataset/load.h"
#include "retrain/report.h"
#include "retrain/retrain.h"

namespace vigia::cli {
namespace {

struct RetrainFlags {
  std::string version, by;
  std::string data = "data/processed/modeling_dataset.parquet";
  std::string registry = "models/registry";
  std::string artifacts, baseline;  // of older command lines; a retraining has folders of its own
  uint64_t seed = 42;
  size_t min_rows = retrain::Settings{}.min_rows;
  std::vector<std::string> families;
  bool dry_run = false, force = false;
};

std::string Who(const RetrainFlags& flags, const Context& context) {
  return flags.by.empty() ? audit::CurrentUser(context.environment) : flags.by;
}

void Print(const retrain::Report& report, std::ostream& out) {
  out << fmt::format("Challenger {}: {} ({}), threshold {:.4f}; {} rows of {} pupils\n", report.request.version,
                     report.name, report.family, report.threshold, report.rows, report.pupils);
  if (report.comparison) {
    const retrain::Comparison& c = *report.comparison;
    out << fmt::format("Compared with champion {} on {} rows of {} pupils, {}\n", report.champion, c.rows, c.pupils,
                       c.holdout == retrain::Holdout::kLaterYears ? "of years after the champion's training"
                                                                  : "which the champion may have been trained on");
    out << "  METRIC       CHAMPION  CHALLENGER  DIFFERENCE [95%]           ALLOWED  RESULT\n";
    for (const retrain::Guardrail& rail : c.guardrails) {
      out << fmt::format("  {:11s}  {:8.3f}  {:10.3f}  {:+.3f} [{:+.3f}, {:+.3f}]  {:>8s}  {}\n",
                         evaluation::MetricName(rail.metric), rail.champion, rail.challenger, rail.difference.value,
                         rail.difference.low, rail.difference.high,
                         fmt::format("{}{:.2f}", rail.metric == evaluation::Metric::kBrier ? "+" : "-", rail.margin),
                         retrain::GuardrailStatusName(rail.status));
    }
  }
  for (const std::string& reason : report.reasons) out << "  - " << reason << "\n";
  const std::string verdict(retrain::VerdictName(report.verdict));
  const std::string forced = report.forced ? " (forced against the verdict)" : "";
  switch (report.outcome) {
    case retrain::Outcome::kPromoted:
      out << fmt::format("{}: {} is the champion{}\n", verdict, report.request.version, forced);
      break;
    case retrain::Outcome::kRejected:
      out << fmt::format("{}: {} is kept in the registry, marked as rejected\n", verdict, report.request.version);
      break;
    case retrain::Outcome::kKept:
      out << fmt::format("{}: {} is kept in the registry and not promoted; a shadow, a canary or more rows can tell\n",
                         verdict, report.request.version);
      break;
    case retrain::Outcome::kDryRun: out << fmt::format("{}{}: dry run, nothing was changed\n", verdict, forced); break;
  }
}

void Audit(const retrain::Report& report, Context& context) {
  Json details = {{"version", report.request.version},
                  {"champion", report.champion.empty() ? Json(nullptr) : Json(report.champion)},
                  {"verdict", retrain::VerdictName(report.verdict)},
                  {"outcome", retrain::OutcomeName(report.outcome)},
                  {"forced", report.forced},
                  {"reasons", report.reasons}};
  const Status written = audit::Append(context.files, context.Home("logs/audit.log"), context.clock.Now(),
                                       {"retrain", report.request.by, std::move(details)});
  if (!written.ok()) context.err << "vigia: warning: " << written.error().message() << "\n";
}

Result<int> Run(const RetrainFlags& flags, Context& context) {
  registry::Registry registry({context.HomePath(flags.registry)}, context.files, context.clock,
                              [](Duration pause) { std::this_thread::sleep_for(pause); });
  retrain::Settings settings;
  settings.recipe.seed = flags.seed;
  training::KeepFamilies(flags.families, settings.recipe);
  settings.comparison.bootstrap.seed = flags.seed;
  settings.min_rows = flags.min_rows;
  settings.work_folder = context.Home("state/retrain");
  const std::string data = context.UserPath(flags.data);
  const tabular::Table table = TRY(dataset::LoadDataset(context.files, data));
  const retrain::Request request{flags.version, Who(flags, context), flags.data,
                                 flags.dry_run ? retrain::Mode::kDryRun : retrain::Mode::kForReal,
                                 flags.force ? retrain::Force::kYes : retrain::Force::kNo};
  const auto add_baseline = [&](const std::string& folder, const tabular::Table& rows,
                                const training::TrainedModel& model) {
    return WriteTrainBaseline(model, rows, {flags.version, "vigia retrain", flags.data}, folder, context);
  };
  retrain::Report report =
      TRY(retrain::Retrain(table, request, settings,
                           {registry, context.files, context.clock, context.executor, context.progress, add_baseline}));
  Json document = retrain::ToJson(report);
  if (!flags.dry_run) {
    Audit(report, context);
    const auto paths = retrain::WriteReport(context.files, context.Home("monitoring/reports"), report);
    if (paths.ok()) {
      document["report"] = paths->markdown;
    } else {
      report.warnings.push_back("the report is not written: " + paths.error().message());
    }
  }
  for (const std::string& warning : report.warnings) context.err << "vigia: warning: " << warning << "\n";
  if (context.json()) {
    context.PrintJson(document);
  } else {
    Print(report, context.out);
    if (document.contains("report")) context.out << "Report: " << document["report"].get<std::string>() << "\n";
  }
  return report.succeeded() ? 0 : 1;
}

}  // namespace

void AddRetrainCommand(Commands& commands) {
  auto flags = std::make_shared<RetrainFlags>();
  flags::Command command =
      commands.Add("retrain", "Train a challenger, compare it with the champion, and promote it if it is not worse",
                   [flags](Context& context) { return Run(*flags, context); });
  command.Option("-v,--new-version", flags->version, "The challenger's version, as v1.2.0").Required();
  command.Option("-d,--data", flags->data, "Modelling table, .parquet or .csv").ShowDefault();
  command.Option("-r,--registry", flags->registry, "The registry's folder").ShowDefault();
  command.Option("-a,--artifacts", flags->artifacts, "Accepted and not used: the live artifacts stay as they are");
  command.Option("-b,--baseline", flags->baseline, "Accepted and not used: the baseline is built with the version");
  command.Option("--min-rows", flags->min_rows, "Fewer rows are told as a warning").ShowDefault();
  command.Option("--seed", flags->seed, "Of training, folds and bootstrap").ShowDefault();
  command
      .Option("--families", flags->families,
              "Compare models of these families only, such as logistic_regression: quicker (default: all)")
      .SplitAt(',')
      .OneOf(training::FamilyNames());
  command.Option("--by", flags->by, "Who does it, for the history (default: $USER)");
  command.Switch("--dry-run", flags->dry_run, "Decide, and change nothing");
  command.Switch("--force", flags->force, "Promote whatever the comparison says; recorded");
  command.Footer(
      "Guardrails against the champion, on the same held-out rows: recall -0.02, precision -0.05, Brier +0.02, "
      "ROC-AUC\n"
      "not lower. Rejected when a 95% interval lies beyond a margin. Where the interval spans it, the estimate "
      "decides:\n"
      "within, it is promoted; beyond, the challenger is kept and not promoted (undecided).\n"
      "Exit status 0: promoted, or a dry run that would promote. 1: not promoted, or an error.\n"
      "Example:\n  vigia retrain --new-version v1.1.0 --data data/processed/modeling_dataset.parquet --dry-run\n");
}

}  // namespace vigia::cli
