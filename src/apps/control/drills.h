// Drills that people start from here. Each is `vigia drill run` as a process of its own, in a scratch home with a
// control plane of its own: nothing of this home is touched but drills/<id>/, which holds what there was to see.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/log.h"
#include "control/programs.h"

namespace vigia::control {

struct DrillRecord {
  enum class State { kRunning, kPassed, kFailed, kSkipped, kStopped };
  std::string id;  // "DRILL-000007"
  std::string drill, who;
  State state = State::kRunning;
  WallTime started_at{};
  std::optional<WallTime> finished_at;
  std::string why;  // of what has not passed
  Json report;      // as `vigia drill run --json` gives it; null until it has ended

  std::vector<std::string> Command() const;  // as a person would type it
};

Json ToJson(const DrillRecord& record);

// Thread-safe. One drill at a time, on a thread of its own. The newest 50 are kept.
class Drills {
 public:
  // What is given outlives it.
  struct World {
    Files& files;
    OwnPrograms& programs;
    const Clock& clock;
    Log& log;
    std::string home;  // absolute
  };
  // `offers`: of each drill {name, title, runbook, paged, needs_root}.
  Drills(Json offers, const World& world);
  ~Drills();  // stops what runs; it may take some seconds to end what it has started

  const Json& offers() const { return offers_; }
  // Its id. kNotFound: there is no such drill; kFailedPrecondition: one is at work.
  Result<std::string> Start(const std::string& drill, const std::string& who);
  // kNotFound; kFailedPrecondition: it has ended.
  Status Stop(const std::string& id, const std::string& who);

  std::vector<DrillRecord> Recent() const;  // newest first
  std::optional<ProgressMark> ProgressOf(const std::string& id) const { return world_.programs.ProgressOf(id); }
  // The record with incident, run, timeline and postmortem, each null until there is one. kNotFound.
  Result<Json> Show(const std::string& id) const;

 private:
  std::string FolderOf(const std::string& id) const { return JoinPath(root_, id); }
  void Load();
  void Work(DrillRecord record, const std::stop_token& stop);
  void Keep(const DrillRecord& record);  // with mutex_ held
  void Prune();                          // with mutex_ held

  const Json offers_;
  const World world_;
  const std::string root_;
  mutable std::mutex mutex_;
  std::map<std::string, DrillRecord> records_;  // guarded by mutex_
  std::string stopping_;                        // guarded by mutex_: who wants it to end
  std::jthread thread_;                         // guarded by mutex_, but for the destructor
};

}  // namespace vigia::control
