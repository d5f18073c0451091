// Commands that the control plane runs now and then beside its watch, such as moving segments into parquet.
#pragma once

#include <condition_variable>
#include <mutex>
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

// One job at a time, on a thread of its own. What runs and how it ended: OwnPrograms::Recent.
class Jobs {
 public:
  // `processes` and `clock` outlive it. `home` becomes VIGIA_HOME.
  Jobs(std::vector<PeriodicJob> jobs, std::string home, Processes& processes, const Clock& clock);
  ~Jobs();  // stops what runs

 private:
  void Work();
  void RunOne(const PeriodicJob& job);

  const std::vector<PeriodicJob> jobs_;
  const std::string home_;
  Processes& processes_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;  // guarded by mutex_
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace vigia::control
