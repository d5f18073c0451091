#include "control/jobs.h"

#include <algorithm>

namespace vigia::control {

Jobs::Jobs(std::vector<PeriodicJob> jobs, std::string home, Processes& processes, const Clock& clock)
    : jobs_(std::move(jobs)), home_(std::move(home)), processes_(processes), clock_(clock) {
  thread_ = std::thread([this] { Work(); });
}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  stop_.request_stop();
  wake_.notify_all();
  thread_.join();
}

void Jobs::Work() {
  std::vector<MonoTime> due(jobs_.size());
  for (size_t i = 0; i < jobs_.size(); ++i) due[i] = clock_.Mono() + jobs_[i].every;
  while (true) {
    const auto next = std::min_element(due.begin(), due.end());
    {
      std::unique_lock lock(mutex_);
      const auto ends = [this] { return ending_; };
      if (next == due.end()) return wake_.wait(lock, ends);
      if (wake_.wait_for(lock, std::max(*next - clock_.Mono(), std::chrono::nanoseconds(0)), ends)) return;
    }
    const auto& job = jobs_[static_cast<size_t>(next - due.begin())];
    RunOne(job);
    *next = clock_.Mono() + job.every;
  }
}

void Jobs::RunOne(const PeriodicJob& job) {
  ProcessRequest request;
  request.arguments = job.command;
  request.environment = {{"VIGIA_HOME", home_}};
  request.timeout = job.timeout;
  request.stop = stop_.get_token();
  static_cast<void>(processes_.Run(request));  // a failure is seen in the list of jobs, and the next time comes
}

}  // namespace vigia::control
