// What lists say of the newest runs, without reading them again: one that is resolved never changes.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "control/job_view.h"
#include "control/plane.h"

namespace vigia::control {

struct RunSummary {
  std::string id, runbook, incident, state;
  WallTime created_at{};
  bool settled = false;
  std::vector<StepJob> jobs;  // texts are cut to their first line
};

// Thread-safe. The plane outlives it.
class RunIndex {
 public:
  explicit RunIndex(Plane& plane) : plane_(plane) {}

  // The newest `limit` (at most 500), newest first, as they are now.
  Result<std::vector<RunSummary>> Newest(size_t limit);

 private:
  Status ReadNew();  // with mutex_ held, as all below
  Status ReadActive();

  Plane& plane_;
  std::mutex mutex_;
  std::map<std::string, RunSummary> known_;  // by id, which grows
};

}  // namespace vigia::control
