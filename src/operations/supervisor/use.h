// What services take of the machine, and the processors that they may take. A service is the session of its process:
// what it has started counts too.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "supervisor/supervisor.h"

namespace vigia::supervisor {

// Which of `available` a replica may run on: as many as its limit says, from its place on, around. Empty: all of
// them, for it has no limit, or there are no more than that. Pure.
std::vector<int> ChooseProcessors(const ServiceSpec& spec, int replica, const std::vector<int>& available);
std::vector<int> OwnProcessors();  // this process may run on these

// Resident memory of the session's processes; pages that they share count in each.
uint64_t ResidentBytes(const Files& files, int session);

// Looks at /proc again and again.
class UseMeter {
 public:
  struct Use {
    uint64_t resident_bytes = 0;
    // Processors since the look before; nothing at the first one.
    std::optional<double> used;
    std::optional<double> wanted;  // used, or waited for because others had them
  };

  explicit UseMeter(const Files& files) : files_(files) {}

  // By session; one without processes is not there.
  std::map<int, Use> Look(const std::set<int>& sessions, MonoTime now);

 private:
  struct Process {
    uint64_t start_ticks = 0;
    uint64_t cpu_ticks = 0;
    std::map<int, uint64_t> waits;  // ns, by thread
  };
  // Seconds that it has used and waited since the look before.
  struct Gain {
    double used = 0, waited = 0;
  };
  static Gain Since(const Process& process, const Process* before);

  const Files& files_;
  std::optional<MonoTime> looked_at_;
  std::set<int> sessions_;            // of the look before
  std::map<int, Process> processes_;  // by pid
};

}  // namespace vigia::supervisor
