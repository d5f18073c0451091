#include "supervisor/use.h"

#include <sched.h>
#include <unistd.h>

#include "signals/procfs.h"

namespace vigia::supervisor {
namespace {

uint64_t Bytes(const signals::ProcessStat& stat) {
  return stat.resident_pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Those that live.
std::vector<signals::ProcessStat> ProcessesOf(const Files& files, const std::set<int>& sessions) {
  std::vector<signals::ProcessStat> found;
  for (const int pid : signals::ListProcesses(files)) {
    const auto stat = signals::ReadProcessStat(files, pid);
    if (stat && stat->state != 'Z' && sessions.count(stat->session) > 0) found.push_back(*stat);
  }
  return found;
}

}  // namespace

std::vector<int> ChooseProcessors(const ServiceSpec& spec, int replica, const std::vector<int>& available) {
  const auto wanted = static_cast<size_t>(spec.processors);
  std::vector<int> chosen;
  if (wanted == 0 || wanted >= available.size()) return chosen;
  const auto first = static_cast<size_t>(spec.first_processor + replica * spec.processors);
  for (size_t i = 0; i < wanted; ++i) chosen.push_back(available[(first + i) % available.size()]);
  return chosen;
}

std::vector<int> OwnProcessors() {
  std::vector<int> processors;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(static_cast<size_t>(i), &set)) processors.push_back(i);
  }
  return processors;
}

uint64_t ResidentBytes(const Files& files, int session) {
  uint64_t bytes = 0;
  for (const signals::ProcessStat& stat : ProcessesOf(files, {session})) bytes += Bytes(stat);
  return bytes;
}

UseMeter::Gain UseMeter::Since(const Process& process, const Process* before) {
  const bool same = before != nullptr && before->start_ticks == process.start_ticks;
  Gain gain;
  const uint64_t ticks = same ? before->cpu_ticks : 0;
  if (process.cpu_ticks > ticks) gain.used = static_cast<double>(process.cpu_ticks - ticks) / signals::kTicksPerSecond;
  for (const auto& [thread, waited] : process.waits) {
    const auto was = same ? before->waits.find(thread) : process.waits.end();
    const uint64_t nanoseconds = same && was != before->waits.end() ? was->second : 0;
    if (waited > nanoseconds) gain.waited += static_cast<double>(waited - nanoseconds) / 1e9;
  }
  return gain;
}

std::map<int, UseMeter::Use> UseMeter::Look(const std::set<int>& sessions, MonoTime now) {
  std::map<int, Use> uses;
  std::map<int, Process> processes;
  const double seconds = looked_at_ ? std::chrono::duration<double>(now - *looked_at_).count() : 0;
  for (const signals::ProcessStat& stat : ProcessesOf(files_, sessions)) {
    Process process{stat.start_ticks, stat.cpu_ticks, signals::ReadWaits(files_, stat.pid)};
    Use& use = uses[stat.session];
    use.resident_bytes += Bytes(stat);
    // A session that was not looked at before has no beginning to count from.
    if (seconds > 0 && sessions_.count(stat.session) > 0) {
      const auto before = processes_.find(stat.pid);
      const Gain gain = Since(process, before == processes_.end() ? nullptr : &before->second);
      use.used = use.used.value_or(0) + gain.used / seconds;
      use.wanted = use.wanted.value_or(0) + (gain.used + gain.waited) / seconds;
    }
    processes.emplace(stat.pid, std::move(process));
  }
  processes_ = std::move(processes);
  sessions_ = sessions;
  looked_at_ = now;
  return uses;
}

}  // namespace vigia::supervisor
