#include "registry/trial.h"

#include <fmt/format.h>

#include "registry/manifest.h"
#include "registry/registry.h"
#include "registry/version.h"

namespace vigia::registry {

namespace {

Json ToJson(const std::optional<Trial>& trial) {
  if (!trial) return nullptr;
  return {{"version", trial->version}, {"percent", trial->percent}, {"since", trial->since}, {"by", trial->by}};
}

Result<std::optional<Trial>> TrialFromJson(const Json& json, const std::string& key) {
  if (!json.contains(key) || json[key].is_null()) return std::optional<Trial>();
  const Json* object = TRY(GetObject(json, key));
  Trial trial;
  trial.version = TRY(GetString(*object, "version"));
  trial.percent = TRY(GetNumber(*object, "percent"));
  trial.since = TRY(GetString(*object, "since"));
  trial.by = TRY(GetString(*object, "by"));
  return std::optional<Trial>(std::move(trial));
}

Result<Trials> TrialsFromJson(const std::string& text) {
  const Json json = TRY(ParseJson(text));
  Trials trials;
  trials.champion = TRY(GetString(json, "champion"));
  trials.promoted_at = TRY(GetString(json, "promoted_at"));
  trials.shadow = TRY(TrialFromJson(json, "shadow"));
  trials.canary = TRY(TrialFromJson(json, "canary"));
  return trials;
}

}  // namespace

const char* TrialKindName(TrialKind kind) {
  switch (kind) {
    case TrialKind::kShadow: return "shadow";
    case TrialKind::kCanary: return "canary";
  }
  return "shadow";
}

Json ToJson(const Trials& trials) {
  return {{"champion", trials.champion},
          {"promoted_at", trials.promoted_at},
          {"shadow", ToJson(trials.shadow)},
          {"canary", ToJson(trials.canary)}};
}

Result<Trials> ReadTrials(const Files& files, const std::string& registry) {
  const std::string path = JoinPath(registry, kTrialsFile);
  const auto champion = TRY(ReadChampion(files, registry));
  if (!champion) return Trials{};
  Trials none;
  none.champion = champion->version;
  none.promoted_at = champion->promoted_at;
  if (!files.Exists(path)) return none;
  const Result<Trials> read = TrialsFromJson(TRY(files.Read(path)));
  if (!read.ok()) return Error(Code::kDataLoss, path + ": " + read.error().message());
  const bool in_force = read->champion == champion->version && read->promoted_at == champion->promoted_at;
  return in_force ? *read : none;
}

Status Registry::CheckTrial(TrialKind kind, const Trial& trial, const std::string& champion) const {
  TRY(ParseVersion(trial.version));
  if (!(trial.percent > 0 && trial.percent <= 100)) {
    return Error(Code::kInvalidArgument, "the share must be above 0 and at most 100 percent");
  }
  if (champion.empty()) return Error(Code::kFailedPrecondition, "there is no champion to try a challenger beside");
  if (trial.version == champion) {
    return Error(Code::kFailedPrecondition, "version " + trial.version + " is the champion");
  }
  const Manifest manifest = TRY(Show(trial.version));
  if (kind == TrialKind::kCanary && manifest.status == VersionStatus::kRejected) {
    return Error(Code::kFailedPrecondition, "version " + trial.version + " was rejected; it may be a shadow only");
  }
  const std::vector<Problem> problems = CheckVersion(files_, settings_.folder, manifest);
  if (problems.empty()) return {};
  return Error(Code::kDataLoss, "version " + trial.version + ": " + problems.front().what);
}

Status Registry::WriteTrials(const Trials& trials, const HistoryEntry& entry) {
  TRY(files_.Write(Path(kTrialsFile), PrettyJson(ToJson(trials))));
  return AppendHistory({entry}, settings_.folder, files_);
}

Result<Trials> Registry::StartTrial(TrialKind kind, Trial trial) {
  const auto lock = TRY(LockForWriting());
  TRY(RecoverLocked());
  Trials trials = TRY(ReadTrials(files_, settings_.folder));
  TRY(CheckTrial(kind, trial, trials.champion));
  trial.since = Now();
  const std::string reason = kind == TrialKind::kCanary ? fmt::format("{} % of the requests", trial.percent) : "";
  const HistoryEntry entry{trial.since, trial.by, TrialKindName(kind), trial.version, "", "", reason, ""};
  (kind == TrialKind::kCanary ? trials.canary : trials.shadow) = std::move(trial);
  TRY(WriteTrials(trials, entry));
  return trials;
}

Result<Trials> Registry::EndTrial(TrialKind kind, const std::string& by) {
  const auto lock = TRY(LockForWriting());
  TRY(RecoverLocked());
  Trials trials = TRY(ReadTrials(files_, settings_.folder));
  std::optional<Trial>& ended = kind == TrialKind::kCanary ? trials.canary : trials.shadow;
  if (!ended) return trials;
  const HistoryEntry entry{Now(), by, std::string(TrialKindName(kind)) + "_off", ended->version, "", "", "", ""};
  ended.reset();
  TRY(WriteTrials(trials, entry));
  return trials;
}

}  // namespace vigia::registry
