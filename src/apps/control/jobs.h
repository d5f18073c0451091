// Commands that the control plane runs now and then beside its watch, such as moving segments into parquet.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/process.h"

namespace vigia::control {

struct PeriodicJob {
  std::string name;
  std::vector<std::string> command;
  Duration every = std::chrono::seconds(30);
  Duration timeout = std::chrono::minutes(10);
};

struct JobRecord {
  std::string name;
  std::vector<std::string> command;
  WallTime started_at{};
  std::optional<WallTime> finished_at;  // unset: it runs
  bool succeeded = false;
  std::string text;  // of a failure: its first line
};

// Thread-safe. One job at a time, on a thread of its own.
class Jobs {
 public:
  // `processes` and `clock` outlive it. `home` becomes VIGIA_HOME.
  Jobs(std::vector<PeriodicJob> jobs, std::string home, Processes& processes, const Clock& clock);
  ~Jobs();  // stops what runs

  std::vector<JobRecord> Recent() const;  // newest first, what runs among them

 private:
  void Work();
  void RunOne(const PeriodicJob& job);

  const std::vector<PeriodicJob> jobs_;
  const std::string home_;
  Processes& processes_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;            // guarded by mutex_, as all below
  std::deque<JobRecord> records_;  // newest first
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace vigia::control
