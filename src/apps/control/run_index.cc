#include "control/run_index.h"

#include <algorithm>

#include "controller/collections.h"

namespace vigia::control {
namespace {

constexpr size_t kMost = 500, kPage = 50;

RunSummary SummaryOf(const runbooks::Run& run) {
  RunSummary summary;
  summary.id = run.id;
  summary.runbook = run.runbook;
  summary.incident = run.incident;
  summary.state = runbooks::RunStateName(run.state);
  summary.created_at = run.created_at;
  summary.settled = run.state == runbooks::RunState::kResolved;  // one that people were called for may still heal
  summary.jobs = JobsOf(run);
  for (StepJob& one : summary.jobs) one.job.text.resize(std::min(one.job.text.find('\n'), one.job.text.size()));
  return summary;
}

}  // namespace

Result<std::vector<RunSummary>> RunIndex::Newest(size_t limit) {
  const std::lock_guard lock(mutex_);
  TRY(ReadNew());
  TRY(ReadActive());
  while (known_.size() > kMost) known_.erase(known_.begin());
  std::vector<RunSummary> newest;
  for (auto one = known_.rbegin(); one != known_.rend() && newest.size() < limit; ++one) newest.push_back(one->second);
  return newest;
}

// From the newest back to the first that is known: one document when nothing is new. All or nothing, so that no gap
// stays behind an error.
Status RunIndex::ReadNew() {
  const std::string known = known_.empty() ? "" : known_.rbegin()->first;
  std::map<std::string, RunSummary> found;
  bool more = true;
  for (size_t limit = 1; more && found.size() < kMost; limit = kPage) {
    const std::string before = found.empty() ? "" : found.begin()->first;
    const auto page = TRY(plane_.ledger().Page(controller::kRuns, before, limit));
    more = page.size() == limit && page.back().key > known;
    for (const storage::Document& document : page) {
      if (document.key <= known) break;
      found.emplace(document.key, SummaryOf(TRY(runbooks::Run::FromJson(document.value))));
    }
  }
  known_.merge(found);
  return {};
}

// Those that may still change: from the controller's memory when they are at work, else as they were written last.
Status RunIndex::ReadActive() {
  std::vector<std::string> ended;
  std::map<std::string, runbooks::Run> active;
  for (runbooks::Run& run : plane_.Lock().controller.ActiveRuns()) active.insert_or_assign(run.id, std::move(run));
  for (auto& [id, summary] : known_) {
    if (summary.settled) continue;
    if (const auto found = active.find(id); found != active.end()) {
      summary = SummaryOf(found->second);
    } else {
      ended.push_back(id);
    }
  }
  for (const std::string& id : ended) {
    const auto document = TRY(plane_.ledger().Get(controller::kRuns, id));
    if (document) known_.insert_or_assign(id, SummaryOf(TRY(runbooks::Run::FromJson(*document))));
    if (!document) known_.erase(id);
  }
  return {};
}

}  // namespace vigia::control
