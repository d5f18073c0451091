// One retraining: train a challenger, compare it with the champion, and promote it, reject it, or keep it.
//
//   approved   registered and promoted
//   rejected   registered as rejected, with its reasons: kept, never served unless forced
//   undecided  registered and not promoted: the rows are too few to tell, and the estimate looks worse;
//              a shadow or a canary, or more labelled rows, can tell
// A dry run decides and touches nothing, not even a folder. Without a champion there is nothing to
// compare, and the challenger is approved. Every train happens in a folder of its own that is removed
// at the end, also what a killed run left; the folder `artifacts/` is never touched.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/files.h"
#include "base/progress.h"
#include "base/result.h"
#include "registry/registry.h"
#include "retrain/comparison.h"
#include "tabular/table.h"
#include "training/trainer.h"

namespace vigia::retrain {

enum class Mode { kForReal, kDryRun };
enum class Force { kNo, kYes };  // promote whatever the comparison says; recorded

struct Request {
  std::string version;
  std::string by;
  std::string data;  // what the rows are, for the report
  Mode mode = Mode::kForReal;
  Force force = Force::kNo;
};

struct Settings {
  training::Recipe recipe = training::DefaultRecipe();
  ComparisonSettings comparison;
  size_t min_rows = 500;    // fewer are told as a warning
  std::string work_folder;  // <home>/state/retrain
};

// Adds monitoring_baseline/ to a folder of artifacts, from the rows that the model was trained on.
using AddBaseline =
    std::function<Status(const std::string& folder, const tabular::Table& table, const training::TrainedModel& model)>;

// What a retraining is given; all of it outlives the call.
struct World {
  registry::Registry& registry;
  Files& files;
  const Clock& clock;
  Executor& executor;
  Progress& progress;
  AddBaseline add_baseline = {};  // may be empty
};

enum class Outcome { kPromoted, kRejected, kKept, kDryRun };
std::string_view OutcomeName(Outcome outcome);  // "promoted", "rejected", "kept", "dry_run"

struct Report {
  Request request;
  WallTime created_at{};
  size_t rows = 0, positives = 0, pupils = 0;
  std::vector<int> years;
  std::string champion;                  // empty: none
  std::optional<Comparison> comparison;  // none without a champion
  Verdict verdict = Verdict::kApproved;
  Outcome outcome = Outcome::kDryRun;
  bool forced = false;  // promoted against the verdict
  std::vector<std::string> reasons, warnings;
  std::string family, name;  // of the challenger
  double threshold = 0;
  evaluation::MetricIntervals cross_validated;  // the challenger on its own training rows, by folds

  // Promoted, or a dry run that would promote.
  bool succeeded() const {
    return outcome == Outcome::kPromoted || (outcome == Outcome::kDryRun && (verdict == Verdict::kApproved || forced));
  }
};

// Errors: kInvalidArgument (the version, the table), kAlreadyExists (the version), kUnavailable (another
// retraining runs), kDataLoss (the champion does not load), and those of the registry.
Result<Report> Retrain(const tabular::Table& table, const Request& request, const Settings& settings,
                       const World& world);

}  // namespace vigia::retrain
