#include "cli/baseline_command.h"

#include <fmt/format.h>

#include <ostream>

#include "baseline/baseline.h"
#include "cli/audit_trail.h"
#include "cli/model_choice.h"
#include "drift/assess.h"

namespace vigia::cli {

namespace {

struct BaselineFlags {
  std::string version, notes;
  std::string source = "data/processed/modeling_dataset.parquet";
};

// On the rows that the model was trained on, its scores are more extreme than any that it gives later.
// Training left the scores of models that did not see those rows, so these stand when the data is the same.
void KeepUnseenScores(baseline::Baseline& built, const Context& context) {
  const auto trained =
      baseline::ReadBaseline(context.files, baseline::RegisteredBaselineFolder(context.home, built.model_version));
  if (!trained.ok() || FeatureProfileJson(*trained) != FeatureProfileJson(built)) return;
  built.scores = trained->scores;
  built.source += ": the training rows, scored out of fold";
}

Result<int> Build(const BaselineFlags& flags, Context& context) {
  const std::string version = TRY(ChooseVersion(context, flags.version));
  const auto model = TRY(LoadRegisteredModel(context, version));
  const std::string path = context.UserPath(flags.source);
  const Scored scored = TRY(ScoreSource(context, *model, path));
  baseline::BaselineSettings settings;
  settings.model_version = version;
  settings.features = RawNames(*model);
  settings.threshold = model->threshold();
  settings.source = "vigia baseline build";
  settings.data_path = flags.source;
  settings.notes = flags.notes;
  settings.created_at = context.clock.Now();
  baseline::Baseline built = TRY_CONTEXT(BuildBaseline(scored.table, scored.scores, settings), path);
  KeepUnseenScores(built, context);
  const std::string folder = baseline::BaselineFolder(context.home, version);
  TRY(WriteBaseline(context.files, folder, built));
  AuditChange(context, "baseline_build", {{"version", version}, {"rows", built.n_samples}});
  if (context.json()) {
    Json document = MetadataJson(built);
    document["folder"] = folder;
    context.PrintJson(document);
    return 0;
  }
  context.out << fmt::format("Baseline of {}: {} rows, {} features, in {}\n", version, built.n_samples,
                             built.features.size(), folder);
  if (built.n_samples < drift::Thresholds{}.min_rows) {
    context.err << fmt::format(
        "vigia: warning: drift is judged from {} rows on: against this baseline it will not be\n",
        drift::Thresholds{}.min_rows);
  }
  for (const auto& feature : built.features) {
    if (feature.type == baseline::FeatureType::kUnknown) {
      context.err << "vigia: note: the source has no column '" << feature.name << "': its drift cannot be judged\n";
    }
  }
  return 0;
}

}  // namespace

void AddBaselineCommands(Commands& commands) {
  commands.Describe("baseline", "What a model version was trained on");
  auto flags = std::make_shared<BaselineFlags>();
  flags::Command build = commands.Add("baseline build", "Profile a source and the model's own scores for it",
                                      [flags](Context& context) { return Build(*flags, context); });
  build.Option("--model-version", flags->version, "Which version (default: the champion)");
  build.Option("--source", flags->source, "The data set, .parquet or .csv").ShowDefault();
  build.Option("--notes", flags->notes, "Kept with the baseline");
}

}  // namespace vigia::cli
