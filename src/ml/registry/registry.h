// The registry of model versions, in a folder (layout.h).
//
// Two operations commit, each by one atomic rename: a version's folder (registration) and
// champion.json (promotion, rollback). Everything else, statuses in manifests and lines of the
// history, follows from those two. A writer killed in between leaves a registry that reads right
// (readers take the champion from champion.json), and the next writer completes what follows.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/result.h"
#include "registry/history.h"
#include "registry/manifest.h"
#include "registry/trial.h"

namespace vigia::registry {

struct Settings {
  std::string folder;                                    // "models/registry" below the home
  int lock_tries = 50;                                   // for another writer to finish
  Duration lock_pause = std::chrono::milliseconds(100);  // between tries
};

struct RegisterRequest {
  std::string version;
  std::string artifacts;  // folder with the files of RequiredArtifacts
  std::string baseline;   // folder with BaselineFiles; empty: artifacts/monitoring_baseline if there
  std::string by, notes;
  std::string rejection_reason;  // not empty: kept as rejected from the start
};

enum class Rejected { kRefuse, kAllow };  // promoting a rejected version

struct PromoteRequest {
  std::string version;
  std::string by, reason;
  Rejected rejected = Rejected::kRefuse;
};

struct RollbackRequest {
  std::string version;  // empty: the previous champion
  std::string by, reason;
};

// What a promotion or rollback did.
struct Change {
  std::string from;  // empty: there was no champion
  std::string to;
  bool changed = true;                // false: `to` was the champion already
  std::vector<std::string> warnings;  // in force, but a status or history line is left to the next writer
};

struct Problem {
  std::string where;  // a version, or a file of the registry
  std::string what;
};

// Thread-safe as far as Files is; writers exclude each other by a lock file, readers take none.
class Registry {
 public:
  // `sleep` waits between tries for the lock; without one the first refusal is final.
  Registry(Settings settings, Files& files, const Clock& clock, std::function<void(Duration)> sleep = {});

  // kAlreadyExists: versions are immutable. kNotFound names the artifact that is missing. Artifacts
  // that would not load (bundle.h) are refused.
  Result<Manifest> Register(const RegisterRequest& request);
  // Checks every SHA-256 first. kNotFound, kDataLoss, kFailedPrecondition (rejected).
  Result<Change> Promote(const PromoteRequest& request);
  // kFailedPrecondition when none is named and there is no previous champion.
  Result<Change> Rollback(const RollbackRequest& request);
  // kFailedPrecondition for the champion.
  Result<Manifest> Reject(const std::string& version, const std::string& by, const std::string& reason);
  // Puts a challenger on live traffic beside the champion (trial.h); `since` is set here. One of each kind:
  // it replaces the one before. kFailedPrecondition: no champion, the champion itself, or a rejected
  // version as canary. kDataLoss: its files are not what was registered.
  Result<Trials> StartTrial(TrialKind kind, Trial trial);
  // Fine when there is none.
  Result<Trials> EndTrial(TrialKind kind, const std::string& by);
  // Completes what a killed writer left. Every writer does it first.
  Status Recover();

  // In semantic order. Statuses are what they are, also before a recovery. A version whose manifest
  // is damaged is left out; Verify names it.
  Result<std::vector<Manifest>> List() const;
  Result<Manifest> Show(const std::string& version) const;
  Result<std::optional<Champion>> CurrentChampion() const;
  Result<History> ReadHistory() const;
  // Every hash, the champion, the history; of one version only when one is named. Empty: all is well.
  Result<std::vector<Problem>> Verify(const std::string& version = "") const;

  const std::string& folder() const { return settings_.folder; }

 private:
  Result<std::unique_ptr<FileLock>> LockForWriting();
  Result<Change> MakeChampion(const Champion& wanted, Rejected rejected);
  Status CheckTrial(TrialKind kind, const Trial& trial, const std::string& champion) const;
  Status WriteTrials(const Trials& trials, const HistoryEntry& entry);
  Status RecoverLocked();
  Status RemoveLeftovers();
  Status RestoreChampion();
  Status CompleteHistory();
  Status RepairStatuses();
  Status WriteManifest(const Manifest& manifest);
  std::string Path(const std::string& name) const { return JoinPath(settings_.folder, name); }
  std::string Now() const { return FormatTime(clock_.Now()); }

  const Settings settings_;
  Files& files_;
  const Clock& clock_;
  const std::function<void(Duration)> sleep_;
};

// What is wrong with one version's files: missing, changed, or not in its manifest.
std::vector<Problem> CheckVersion(const Files& files, const std::string& registry, const Manifest& manifest);

}  // namespace vigia::registry
