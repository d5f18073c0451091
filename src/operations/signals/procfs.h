// What /proc says about processes and the machine. Read through Files, so that tests can write it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace vigia::signals {

struct ProcessStat {
  int pid = 0;
  std::string name;  // at most 15 bytes
  char state = '?';  // Z: ended, and waits for its parent
  int session = 0;
  uint64_t start_ticks = 0;  // since boot: with the pid it identifies a process
  uint64_t cpu_ticks = 0;    // user and system, 100 a second
  uint64_t threads = 0;
  uint64_t resident_pages = 0;
};

std::optional<ProcessStat> ParseProcessStat(std::string_view text);
std::optional<ProcessStat> ReadProcessStat(const Files& files, int pid);  // nullopt: there is none
std::vector<int> ListProcesses(const Files& files);
std::string ReadCommand(const Files& files, int pid);  // arguments, separated by spaces

// Of each thread, the nanoseconds that it has waited for a processor; empty where the kernel does not count them.
std::map<int, uint64_t> ReadWaits(const Files& files, int pid);

inline constexpr double kTicksPerSecond = 100;  // USER_HZ, which Linux keeps at 100

}  // namespace vigia::signals
