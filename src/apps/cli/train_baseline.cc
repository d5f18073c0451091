#include "cli/train_baseline.h"

#include "baseline/baseline.h"

namespace vigia::cli {

Status WriteTrainBaseline(const training::TrainedModel& model, const tabular::Table& table,
                          const BaselineOrigin& origin, const std::string& folder, Context& context) {
  baseline::BaselineSettings settings;
  settings.model_version = origin.version;
  for (const auto& feature : model.spec.raw) settings.features.push_back(feature.name);
  settings.threshold = model.threshold.chosen.threshold;
  settings.source = origin.command + ": the training rows, scored out of fold";
  settings.data_path = origin.data;
  settings.created_at = context.clock.Now();
  const auto built = TRY(baseline::BuildBaseline(table, model.calibration.scores.front(), settings));
  return baseline::WriteBaseline(context.files, JoinPath(folder, "monitoring_baseline"), built);
}

}  // namespace vigia::cli
