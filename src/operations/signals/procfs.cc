#include "signals/procfs.h"

#include <algorithm>

#include "base/text.h"

namespace vigia::signals {

std::optional<ProcessStat> ParseProcessStat(std::string_view text) {
  // The name stands in parentheses and may hold any byte: the last one ends it.
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  ProcessStat stat;
  const auto pid = ParseInteger(Trim(text.substr(0, open)));
  const std::vector<std::string_view> fields = Split(Trim(text.substr(close + 1)), ' ');
  if (!pid || fields.size() < 22 || fields[0].empty()) return std::nullopt;
  // Field 3 of proc(5) is the first here.
  const auto number = [&](size_t field) {
    return static_cast<uint64_t>(std::max<int64_t>(ParseInteger(fields[field - 3]).value_or(0), 0));
  };
  stat.pid = static_cast<int>(*pid);
  stat.name = std::string(text.substr(open + 1, close - open - 1));
  stat.state = fields[0].front();
  stat.session = static_cast<int>(number(6));
  stat.cpu_ticks = number(14) + number(15);
  stat.threads = number(20);
  stat.start_ticks = number(22);
  stat.resident_pages = number(24);
  return stat;
}

std::optional<ProcessStat> ReadProcessStat(const Files& files, int pid) {
  const auto text = files.Read("/proc/" + std::to_string(pid) + "/stat");
  return text.ok() ? ParseProcessStat(*text) : std::nullopt;
}

std::vector<int> ListProcesses(const Files& files) {
  std::vector<int> pids;
  const auto entries = files.List("/proc");
  if (!entries.ok()) return pids;
  for (const FileInfo& entry : *entries) {
    const auto pid = ParseInteger(entry.name);
    if (pid && *pid > 0) pids.push_back(static_cast<int>(*pid));
  }
  return pids;
}

std::string ReadCommand(const Files& files, int pid) {
  const auto text = files.Read("/proc/" + std::to_string(pid) + "/cmdline");
  if (!text.ok()) return "";
  std::string command = *text;
  while (!command.empty() && command.back() == '\0') command.pop_back();
  std::replace(command.begin(), command.end(), '\0', ' ');
  return command;
}

std::map<int, uint64_t> ReadWaits(const Files& files, int pid) {
  std::map<int, uint64_t> waits;
  const std::string folder = "/proc/" + std::to_string(pid) + "/task";
  const auto threads = files.List(folder);
  if (!threads.ok()) return waits;
  for (const FileInfo& thread : *threads) {
    const auto id = ParseInteger(thread.name);
    const auto text = files.Read(JoinPath(folder, thread.name + "/schedstat"));
    if (!id || !text.ok()) continue;
    const std::vector<std::string_view> fields = Split(Trim(*text), ' ');  // ran, waited, time slices
    const auto waited = fields.size() == 3 ? ParseInteger(fields[1]) : std::nullopt;
    if (waited && *waited >= 0) waits.emplace(static_cast<int>(*id), static_cast<uint64_t>(*waited));
  }
  return waits;
}

}  // namespace vigia::signals
