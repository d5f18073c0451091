#include "control/jobs.h"

#include <algorithm>

namespace vigia::control {
namespace {

constexpr size_t kKept = 50;

}  // namespace

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

std::vector<JobRecord> Jobs::Recent() const {
  const std::lock_guard lock(mutex_);
  return {records_.begin(), records_.end()};
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
  {
    const std::lock_guard lock(mutex_);
    records_.push_front({job.name, job.command, clock_.Now(), std::nullopt, false, ""});
    if (records_.size() > kKept) records_.pop_back();
  }
  ProcessRequest request;
  request.arguments = job.command;
  request.environment = {{"VIGIA_HOME", home_}};
  request.timeout = job.timeout;
  request.stop = stop_.get_token();
  const auto result = processes_.Run(request);
  const std::lock_guard lock(mutex_);
  JobRecord& record = records_.front();  // only this thread adds
  record.finished_at = clock_.Now();
  record.succeeded = result.ok() && result->succeeded();
  if (record.succeeded) return;
  const std::string text = result.ok() ? result->err : result.error().message();
  record.text = text.substr(0, text.find('\n'));
}

}  // namespace vigia::control
