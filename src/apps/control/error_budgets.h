// What services have spent of the errors that their objective allows over the last 30 days: requests and failed ones
// (answers of 500 and above) as their own counters tell them, by the hour, kept across restarts of either side.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/json.h"
#include "base/log.h"
#include "signals/series_store.h"

namespace vigia::control {

inline constexpr std::chrono::hours kBudgetPeriod{30 * 24};

struct Spent {
  WallTime since{};  // counted from then on, at most the period ago
  uint64_t requests = 0, failed = 0;

  // 1: nothing is spent; 0: all of it; below: more than all. Nothing without requests. `allowed`: the share of
  // requests that may fail.
  std::optional<double> Left(double allowed) const;
};

// Thread-safe.
class ErrorBudgets {
 public:
  // Goes on from the file when it can be read. What is given outlives it.
  ErrorBudgets(std::string file, Files& files, Log& log);

  // Takes what the counters have grown by; every ten seconds, else it does nothing.
  void Look(const signals::SeriesStore& series, const std::vector<std::string>& services, WallTime now);
  // Writes the file when a minute has gone since the last time and there is something new, or at once.
  enum class When { kDue, kNow };
  void Keep(WallTime now, When when);

  std::optional<Spent> Of(const std::string& service, WallTime now) const;  // nothing: never seen

 private:
  struct Hour {
    uint64_t requests = 0, failed = 0;
  };
  struct Service {
    WallTime since{};
    std::map<std::string, double> counters;  // the newest value of each series, by its labels
    std::map<int64_t, Hour> hours;           // by hours since 1970
  };
  void Load();
  Json ToJson() const;  // with mutex_ held

  const std::string file_;
  Files& files_;
  Log& log_;
  mutable std::mutex mutex_;
  std::map<std::string, Service> services_;  // guarded by mutex_, as all below
  WallTime looked_at_{}, kept_at_{};
  bool changed_ = false;
};

}  // namespace vigia::control
