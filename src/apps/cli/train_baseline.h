// The baseline that every trained model comes with.
#pragma once

#include <string>

#include "cli/command.h"
#include "tabular/table.h"
#include "training/trainer.h"

namespace vigia::cli {

struct BaselineOrigin {
  std::string version;
  std::string command;  // "vigia train"
  std::string data;     // the path, as it was typed
};

// Writes folder/monitoring_baseline/: what later drift is measured against. The scores are of pupils
// that the scoring model did not see: those of its own training rows would be more extreme than any
// that it gives later. REQUIRES: `table` is what the model was trained on.
Status WriteTrainBaseline(const training::TrainedModel& model, const tabular::Table& table,
                          const BaselineOrigin& origin, const std::string& folder, Context& context);

}  // namespace vigia::cli
