#include "retrain/retrain.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/locked.h"
#include "base/mem_files.h"
#include "base/text.h"
#include "registry/version.h"
#include "training/artifacts.h"
#include "training/data.h"

namespace vigia::retrain {

namespace {

constexpr const char* kLockFile = ".lock";

// A folder of this run's own below the work folder, gone when the run is over.
class WorkFolder {
 public:
  static Result<std::unique_ptr<WorkFolder>> Make(Files& files, const std::string& parent, const std::string& name) {
    TRY(files.MakeFolders(parent));
    auto lock = TRY(LockOrBusy(files, JoinPath(parent, kLockFile), "another retraining is running"));
    // What is left here is of a run that was killed: we hold the lock.
    const std::vector<FileInfo> left = TRY(files.List(parent));
    for (const FileInfo& info : left) {
      if (info.name != kLockFile) TRY(files.RemoveTree(JoinPath(parent, info.name)));
    }
    return std::make_unique<WorkFolder>(files, JoinPath(parent, name), std::move(lock));
  }
  WorkFolder(Files& files, std::string path, std::unique_ptr<FileLock> lock)
      : files_(files), path_(std::move(path)), lock_(std::move(lock)) {}
  ~WorkFolder() {
    const Status ignored = files_.RemoveTree(path_);  // the next run removes it
    (void)ignored;
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  Files& files_;
  const std::string path_;
  const std::unique_ptr<FileLock> lock_;
};

Status CheckVersionIsNew(const Request& request, const registry::Registry& registry) {
  TRY_CONTEXT(registry::ParseVersion(request.version), "--new-version");
  const Result<registry::Manifest> there = registry.Show(request.version);
  if (there.ok()) return Error(Code::kAlreadyExists, "version " + request.version + " exists; versions are immutable");
  if (there.error().code() != Code::kNotFound) return there.error();
  return {};
}

Status DescribeData(const tabular::Table& table, const Settings& settings, Report& report) {
  const training::TrainingData data = TRY(training::ReadTrainingData(table, settings.recipe));
  const training::LabelledRows& rows = data.labelled;
  report.rows = rows.rows();
  report.positives = static_cast<size_t>(std::count(rows.labels.begin(), rows.labels.end(), 1));
  report.pupils = std::set<int32_t>(rows.pupils.begin(), rows.pupils.end()).size();
  const std::set<int> years(data.years.begin(), data.years.end());
  report.years.assign(years.begin(), years.end());
  if (report.rows < settings.min_rows) {
    report.warnings.push_back(fmt::format("{} rows are few: {} or more are wanted", report.rows, settings.min_rows));
  }
  return {};
}

Status CompareWithChampion(const tabular::Table& table, const Settings& settings, const World& world, Report& report) {
  const auto champion = TRY(world.registry.CurrentChampion());
  if (!champion) {
    report.reasons.emplace_back("there is no champion to compare with");
    return {};
  }
  report.champion = champion->version;
  const registry::Bundle bundle = TRY_CONTEXT(
      registry::LoadBundle(world.files, world.registry.folder(), champion->version), "the champion does not load");
  report.comparison = TRY(Compare(table, bundle, settings.recipe, settings.comparison, world.executor, world.progress));
  const Comparison& comparison = *report.comparison;
  report.verdict = comparison.decision.verdict;
  report.reasons = comparison.decision.reasons;
  if (comparison.holdout == Holdout::kGrouped) {
    report.warnings.emplace_back(
        "no later year to compare on: the champion may have been trained on some of these rows, which flatters it");
  }
  return {};
}

struct Challenger {
  training::TrainedModel model;
  std::map<std::string, std::string> artifacts;
};

// Trains on all rows, renders the files, and checks that they load as serving would load them.
Result<Challenger> MakeChallenger(const tabular::Table& table, const Settings& settings, const World& world,
                                  Report& report) {
  Challenger challenger;
  challenger.model = TRY(training::Train(table, settings.recipe, world.executor, world.progress));
  const training::TrainedModel& model = challenger.model;
  report.family = training::FamilyName(model.candidate.family);
  report.name = model.candidate.name;
  report.threshold = model.threshold.chosen.threshold;
  report.cross_validated = model.cross_validated.metrics;
  challenger.artifacts = training::RenderArtifacts(model, {report.request.version, report.created_at});
  MemFiles memory(world.clock);
  for (const auto& [name, bytes] : challenger.artifacts) TRY(memory.Write(JoinPath("challenger", name), bytes));
  TRY_CONTEXT(registry::LoadArtifacts(memory, "challenger"), "the challenger does not load");
  return challenger;
}

std::string Notes(const Report& report) {
  std::string notes = "retrain on " + report.request.data + ": ";
  notes += report.forced ? "FORCED by " + report.request.by + " against the verdict " : "";
  return notes + std::string(VerdictName(report.verdict)) + "; " + Join(report.reasons, "; ");
}

Status Commit(const std::string& folder, const World& world, Report& report) {
  const Request& request = report.request;
  const bool rejected = report.verdict == Verdict::kRejected && !report.forced;
  const std::string notes = Notes(report);
  TRY(world.registry.Register(
      {request.version, folder, "", request.by, notes, rejected ? Join(report.reasons, "; ") : ""}));
  report.outcome = rejected ? Outcome::kRejected : Outcome::kKept;
  if (report.verdict != Verdict::kApproved && !report.forced) return {};
  const registry::Change change = TRY_CONTEXT(world.registry.Promote({request.version, request.by, notes}),
                                              "version " + request.version + " is registered, and not promoted");
  report.outcome = Outcome::kPromoted;
  report.warnings.insert(report.warnings.end(), change.warnings.begin(), change.warnings.end());
  return {};
}

}  // namespace

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPromoted: return "promoted";
    case Outcome::kRejected: return "rejected";
    case Outcome::kKept: return "kept";
    case Outcome::kDryRun: return "dry_run";
  }
  return "dry_run";
}

Result<Report> Retrain(const tabular::Table& table, const Request& request, const Settings& settings,
                       const World& world) {
  Report report;
  report.request = request;
  report.created_at = world.clock.Now();
  TRY(CheckVersionIsNew(request, world.registry));
  std::unique_ptr<WorkFolder> work;
  if (request.mode == Mode::kForReal) {
    work = TRY(WorkFolder::Make(world.files, settings.work_folder, request.version));
  }
  TRY_CONTEXT(DescribeData(table, settings, report), request.data);
  TRY(CompareWithChampion(table, settings, world, report));
  report.forced = request.force == Force::kYes && report.verdict != Verdict::kApproved;
  const Challenger challenger = TRY_CONTEXT(MakeChallenger(table, settings, world, report), request.data);
  if (work == nullptr) return report;
  for (const auto& [name, bytes] : challenger.artifacts) TRY(world.files.Write(JoinPath(work->path(), name), bytes));
  if (world.add_baseline) {
    TRY_CONTEXT(world.add_baseline(work->path(), table, challenger.model), "building the baseline");
  }
  // The champion that was compared must still be the one that is replaced.
  const auto champion = TRY(world.registry.CurrentChampion());
  if ((champion ? champion->version : "") != report.champion) {
    return Error(Code::kFailedPrecondition, "the champion changed meanwhile; compare again");
  }
  TRY(Commit(work->path(), world, report));
  return report;
}

}  // namespace vigia::retrain
