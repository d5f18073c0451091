#include "cli/score_command.h"

#include <fmt/format.h>

#include <cmath>
#include <ostream>
#include <thread>

#include "base/text.h"
#include "batch/score_file.h"
#include "registry/bundle.h"

namespace vigia::cli {
namespace {

struct ScoreFlags {
  std::string input, output, version, artifacts;
  double threshold = std::nan("");
  unsigned threads = 0;
};

Result<registry::Bundle> LoadModel(const ScoreFlags& flags, const Context& context) {
  if (flags.artifacts.empty()) {
    return registry::LoadBundle(context.files, context.Home("models/registry"), flags.version);
  }
  const std::string folder = context.UserPath(flags.artifacts);
  registry::Bundle bundle = TRY(registry::LoadArtifacts(context.files, folder));
  bundle.version = TRY_CONTEXT(GetString(bundle.metadata, "model_version"), folder);
  return bundle;
}

Result<int> Run(const ScoreFlags& flags, Context& context) {
  const registry::Bundle bundle = TRY(LoadModel(flags, context));
  batch::Request request;
  request.input = context.UserPath(flags.input);
  request.output = context.UserPath(flags.output);
  request.model_version = bundle.version;
  request.model = bundle.model;
  request.threshold = std::isnan(flags.threshold) ? bundle.threshold : flags.threshold;
  batch::Settings settings;
  settings.threads = flags.threads != 0 ? flags.threads : std::max(1U, std::thread::hardware_concurrency());
  const MonoTime begun = context.clock.Mono();
  const batch::Summary summary = TRY(batch::ScoreFile(request, settings, context.progress));
  const double seconds = std::chrono::duration<double>(context.clock.Mono() - begun).count();
  if (summary.clipped_values > 0) {
    context.err << fmt::format("vigia: warning: {} values outside of the accepted range were clipped: {}\n",
                               summary.clipped_values, Join(summary.clipped, ", "));
  }
  if (context.json()) {
    context.PrintJson({{"input", request.input},
                       {"output", request.output},
                       {"model_version", bundle.version},
                       {"threshold", request.threshold},
                       {"n_rows", summary.rows},
                       {"n_positive", summary.positives},
                       {"features_used", summary.used},
                       {"features_absent", summary.absent},
                       {"passed_through", summary.passed},
                       {"clipped_features", summary.clipped},
                       {"clipped_values", summary.clipped_values},
                       {"seconds", seconds}});
    return 0;
  }
  const double share =
      summary.rows == 0 ? 0 : 100 * static_cast<double>(summary.positives) / static_cast<double>(summary.rows);
  context.out << fmt::format("Scored {} rows with {}: {} flagged ({:.1f}%) at {:.4f}, in {:.2f} s\n", summary.rows,
                             bundle.version, summary.positives, share, request.threshold, seconds);
  if (!summary.absent.empty()) {
    context.out << "Missing in every row, and imputed: " << Join(summary.absent, ", ") << "\n";
  }
  context.out << "Wrote " << request.output << "\n";
  return 0;
}

}  // namespace

void AddScoreCommand(Commands& commands) {
  auto flags = std::make_shared<ScoreFlags>();
  flags::Command command = commands.Add("score", "Score a whole file of rows, .parquet or .csv",
                                        [flags](Context& context) { return Run(*flags, context); });
  command.Option("-i,--input", flags->input, "Rows to score, .parquet or .csv").Required();
  command.Option("-o,--output", flags->output, "The same rows with scores, .parquet or .csv").Required();
  const flags::Flag version = command.Option("--version,--model-version", flags->version, "Default: the champion");
  command.Option("--artifacts", flags->artifacts, "A folder that train wrote instead").Excludes(version);
  command.Option("--threshold", flags->threshold, "Instead of the model's own, 0 to 1").BetweenReal(0.0, 1.0);
  command.Option("--threads", flags->threads, "Default: one per core");
  command.Footer(
      "Columns are features by name, with or without a year (fase, fase_2023); others pass through. Added:\n"
      "risk_score, risk_label, model_version. The order of the rows is kept.\n"
      "Example:\n  vigia score --input pupils.csv --output scored.parquet\n");
}

}  // namespace vigia::cli
