#include "registry/registry.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "registry/bundle.h"
#include "registry/layout.h"
#include "registry/version.h"

namespace vigia::registry {

namespace {

// The status that champion.json gives a version, whatever its manifest still says.
VersionStatus TrueStatus(const Manifest& manifest, const std::optional<Champion>& champion) {
  if (champion.has_value() && champion->version == manifest.version) return VersionStatus::kChampion;
  return manifest.status == VersionStatus::kChampion ? VersionStatus::kRetired : manifest.status;
}

Manifest Repaired(Manifest manifest, const std::optional<Champion>& champion) {
  manifest.status = TrueStatus(manifest, champion);
  if (manifest.status == VersionStatus::kChampion) {
    manifest.promoted_at = champion->promoted_at;
    manifest.promoted_by = champion->promoted_by;
  }
  return manifest;
}

// Path below the version's folder → bytes.
using Artifacts = std::map<std::string, std::string>;

Result<Artifacts> ReadArtifacts(const Files& files, const RegisterRequest& request) {
  Artifacts artifacts;
  const auto folder = files.Info(request.artifacts);
  if (!folder.ok() || !folder->is_directory) {
    return Error(Code::kNotFound, "artifacts folder " + request.artifacts + ": not there");
  }
  for (const std::string& name : RequiredArtifacts()) {
    const std::string path = JoinPath(request.artifacts, name);
    if (!files.Exists(path)) return Error(Code::kNotFound, "artifact " + path + ": missing");
    artifacts[name] = TRY(files.Read(path));
  }
  TRY(LoadArtifacts(files, request.artifacts));  // what would not load is not kept
  for (const std::string& name : OptionalArtifacts()) {
    const std::string path = JoinPath(request.artifacts, name);
    if (files.Exists(path)) artifacts[name] = TRY(files.Read(path));
  }
  return artifacts;
}

// Adds the baseline's files. False when there is none.
Result<bool> ReadBaseline(const Files& files, const RegisterRequest& request, Artifacts& artifacts) {
  std::string folder = request.baseline;
  if (folder.empty()) {
    folder = JoinPath(request.artifacts, kBaselineFolder);
    if (!files.Exists(folder)) return false;
  }
  for (const std::string& name : BaselineFiles()) {
    const std::string path = JoinPath(folder, name);
    if (!files.Exists(path)) return Error(Code::kNotFound, "baseline " + path + ": missing");
    artifacts[JoinPath(kBaselineFolder, name)] = TRY(files.Read(path));
  }
  return true;
}

HistoryEntry RegistrationOf(const Manifest& manifest) {
  return {manifest.created_at, manifest.registered_by, "register", manifest.version, "", "",
          manifest.notes,      manifest.Digest()};
}

HistoryEntry RejectionOf(const Manifest& manifest) {
  return {
      manifest.rejected_at, manifest.rejected_by, "reject", manifest.version, "", "", manifest.rejection_reason, ""};
}

HistoryEntry ChangeOf(const Champion& champion) {
  return {champion.promoted_at,       champion.promoted_by, champion.action, champion.version,
          champion.previous_champion, champion.version,     champion.reason, ""};
}

}  // namespace

Registry::Registry(Settings settings, Files& files, const Clock& clock, std::function<void(Duration)> sleep)
    : settings_(std::move(settings)), files_(files), clock_(clock), sleep_(std::move(sleep)) {}

Result<std::unique_ptr<FileLock>> Registry::LockForWriting() {
  for (int tries = 1;; ++tries) {
    auto lock = files_.Lock(Path(kLockFile));
    if (lock.ok() || lock.error().code() != Code::kUnavailable) return lock;
    if (!sleep_ || tries >= settings_.lock_tries) {
      return Error(Code::kUnavailable, "registry " + settings_.folder + ": another command is writing to it");
    }
    sleep_(settings_.lock_pause);
  }
}

Result<Manifest> Registry::Register(const RegisterRequest& request) {
  TRY(ParseVersion(request.version));
  const auto lock = TRY(LockForWriting());
  TRY(RecoverLocked());
  const std::string target = Path(request.version);
  if (files_.Exists(target)) {
    return Error(Code::kAlreadyExists, "version " + request.version + " exists; versions are immutable, pick another");
  }
  Artifacts artifacts = TRY(ReadArtifacts(files_, request));
  Manifest manifest;
  manifest.has_baseline = TRY(ReadBaseline(files_, request, artifacts));
  manifest.version = request.version;
  manifest.created_at = Now();
  manifest.registered_by = request.by;
  manifest.notes = request.notes;
  if (!request.rejection_reason.empty()) {
    manifest.status = VersionStatus::kRejected;
    manifest.rejected_at = manifest.created_at;
    manifest.rejected_by = request.by;
    manifest.rejection_reason = request.rejection_reason;
  }
  const std::string staging = JoinPath(Path(kStagingFolder), request.version);
  const Status staged = [&]() -> Status {
    for (const auto& [path, bytes] : artifacts) {
      manifest.hashes[path] = Sha256Hex(bytes);
      TRY(files_.Write(JoinPath(staging, path), bytes));
    }
    TRY(files_.Write(JoinPath(staging, kManifestFile), PrettyJson(ToJson(manifest))));
    return files_.Rename(staging, target);  // the commit
  }();
  if (!staged.ok() && !files_.Exists(target)) {
    static_cast<void>(files_.RemoveTree(Path(kStagingFolder)).ok());  // or the next writer does
    return staged.error().Prefixed("register " + request.version);
  }
  static_cast<void>(CompleteHistory().ok());  // or the next writer does
  return manifest;
}

Result<Change> Registry::Promote(const PromoteRequest& request) {
  TRY(ParseVersion(request.version));
  const auto lock = TRY(LockForWriting());
  TRY(RecoverLocked());
  return MakeChampion({request.version, Now(), request.by, "", "promote", request.reason}, request.rejected);
}

Result<Change> Registry::Rollback(const RollbackRequest& request) {
  if (!request.version.empty()) TRY(ParseVersion(request.version));
  const auto lock = TRY(LockForWriting());
  TRY(RecoverLocked());
  std::string target = request.version;
  if (target.empty()) {
    const auto champion = TRY(CurrentChampion());
    if (!champion.has_value()) return Error(Code::kFailedPrecondition, "rollback: there is no champion");
    target = champion->previous_champion;
    if (target.empty()) {
      return Error(Code::kFailedPrecondition, "rollback: " + champion->version + " has no previous champion; name one");
    }
  }
  return MakeChampion({target, Now(), request.by, "", "rollback", request.reason}, Rejected::kRefuse);
}

// REQUIRES: the lock, and a recovered registry.
Result<Change> Registry::MakeChampion(const Champion& wanted, Rejected rejected) {
  const Manifest manifest = TRY(ReadManifest(files_, settings_.folder, wanted.version));
  if (manifest.status == VersionStatus::kRejected && rejected == Rejected::kRefuse) {
    return Error(Code::kFailedPrecondition,
                 "version " + wanted.version + " was rejected: " + manifest.rejection_reason);
  }
  const auto problems = CheckVersion(files_, settings_.folder, manifest);
  if (!problems.empty()) {
    return Error(Code::kDataLoss, "version " + wanted.version + ": " + problems.front().what);
  }
  const auto before = TRY(CurrentChampion());
  Change change{before.has_value() ? before->version : "", wanted.version, true, {}};
  if (change.from == change.to) {
    change.changed = false;
    return change;
  }
  Champion champion = wanted;
  champion.previous_champion = change.from;
  const Status written = files_.Write(Path(kChampionFile), PrettyJson(ToJson(champion)));  // the commit
  if (!written.ok()) {
    // The rename may have happened and only its flush failed: then the change is in force.
    const auto now = ReadChampion(files_, settings_.folder);
    if (!now.ok() || *now != champion) return written.error().Prefixed(champion.action + " " + champion.version);
    change.warnings.push_back(written.error().message());
  }
  for (const Status& after : {CompleteHistory(), RepairStatuses()}) {
    if (!after.ok()) change.warnings.push_back(after.error().message() + " (the next registry write completes it)");
  }
  return change;
}

Result<Manifest> Registry::Reject(const std::string& version, const std::string& by, const std::string& reason) {
  TRY(ParseVersion(version));
  const auto lock = TRY(LockForWriting());
  TRY(RecoverLocked());
  Manifest manifest = TRY(ReadManifest(files_, settings_.folder, version));
  if (manifest.status == VersionStatus::kChampion) {
    return Error(Code::kFailedPrecondition, "version " + version + " is the champion; roll back before rejecting it");
  }
  if (manifest.status == VersionStatus::kRejected) return manifest;
  manifest.status = VersionStatus::kRejected;
  manifest.rejected_at = Now();
  manifest.rejected_by = by;
  manifest.rejection_reason = reason.empty() ? "no reason given" : reason;
  TRY(WriteManifest(manifest));               // the commit
  static_cast<void>(CompleteHistory().ok());  // or the next writer does
  return manifest;
}

Status Registry::Recover() {
  const auto lock = TRY(LockForWriting());
  return RecoverLocked();
}

Status Registry::RecoverLocked() {
  if (!files_.Exists(settings_.folder)) return {};
  TRY(RemoveLeftovers());
  TRY(RestoreChampion());
  TRY(CompleteHistory());
  return RepairStatuses();
}

Status Registry::RemoveLeftovers() {
  if (files_.Exists(Path(kStagingFolder))) TRY(files_.RemoveTree(Path(kStagingFolder)));
  std::vector<std::string> folders = {settings_.folder};
  for (const std::string& version : TRY(VersionFolders(files_, settings_.folder))) folders.push_back(Path(version));
  for (const std::string& folder : folders) {
    for (const FileInfo& entry : TRY(files_.List(folder))) {
      if (IsLeftover(entry.name)) TRY(files_.Remove(JoinPath(folder, entry.name)));
    }
  }
  return {};
}

// A damaged champion.json comes back from the history, if that is whole: a rollback must stay possible.
Status Registry::RestoreChampion() {
  const auto champion = CurrentChampion();
  if (champion.ok() || champion.error().code() != Code::kDataLoss) return {};
  const History history = TRY(ReadHistory());
  const auto last = std::find_if(history.entries.rbegin(), history.entries.rend(),
                                 [](const HistoryEntry& entry) { return !entry.to.empty(); });
  if (!history.problem.empty() || last == history.entries.rend()) return champion.error();
  return files_.Write(
      Path(kChampionFile),
      PrettyJson(ToJson(Champion{last->to, last->at, last->by, last->from, last->action, last->reason})));
}

// The lines that versions, rejections and the champion imply and that the history lacks.
Status Registry::CompleteHistory() {
  const History history = TRY(vigia::registry::ReadHistory(files_, settings_.folder));
  const auto has = [&history](const HistoryEntry& wanted) {
    return std::any_of(history.entries.begin(), history.entries.end(), [&wanted](const HistoryEntry& entry) {
      return entry.action == wanted.action && entry.version == wanted.version && entry.at == wanted.at;
    });
  };
  std::vector<HistoryEntry> missing;
  for (const std::string& version : TRY(VersionFolders(files_, settings_.folder))) {
    const auto manifest = ReadManifest(files_, settings_.folder, version);
    if (!manifest.ok()) continue;  // Verify names it; others must stay usable
    if (!has(RegistrationOf(*manifest))) missing.push_back(RegistrationOf(*manifest));
    if (!manifest->rejected_at.empty() && !has(RejectionOf(*manifest))) missing.push_back(RejectionOf(*manifest));
  }
  if (const auto champion = TRY(CurrentChampion()); champion.has_value()) {
    const HistoryEntry wanted = ChangeOf(*champion);
    const auto last = std::find_if(history.entries.rbegin(), history.entries.rend(),
                                   [](const HistoryEntry& entry) { return !entry.to.empty(); });
    if (last == history.entries.rend() || !(*last == wanted)) missing.push_back(wanted);
  }
  return AppendHistory(missing, settings_.folder, files_);
}

Status Registry::RepairStatuses() {
  const auto champion = TRY(CurrentChampion());
  for (const std::string& version : TRY(VersionFolders(files_, settings_.folder))) {
    const auto manifest = ReadManifest(files_, settings_.folder, version);
    if (!manifest.ok()) continue;  // Verify names it; others must stay usable
    const Manifest repaired = Repaired(*manifest, champion);
    if (!(repaired == *manifest)) TRY(WriteManifest(repaired));
  }
  return {};
}

Status Registry::WriteManifest(const Manifest& manifest) {
  return files_.Write(JoinPath(Path(manifest.version), kManifestFile), PrettyJson(ToJson(manifest)));
}

Result<std::vector<Manifest>> Registry::List() const {
  const auto champion = TRY(CurrentChampion());
  std::vector<Manifest> manifests;
  for (const std::string& version : TRY(VersionFolders(files_, settings_.folder))) {
    auto manifest = ReadManifest(files_, settings_.folder, version);
    if (manifest.ok()) manifests.push_back(Repaired(std::move(manifest).value(), champion));
  }
  return manifests;
}

Result<Manifest> Registry::Show(const std::string& version) const {
  return Repaired(TRY(ReadManifest(files_, settings_.folder, version)), TRY(CurrentChampion()));
}

Result<std::optional<Champion>> Registry::CurrentChampion() const { return ReadChampion(files_, settings_.folder); }

Result<History> Registry::ReadHistory() const { return vigia::registry::ReadHistory(files_, settings_.folder); }

}  // namespace vigia::registry
