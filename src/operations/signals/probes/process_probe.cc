#include "signals/probes/process_probe.h"

#include <unistd.h>

#include "base/text.h"
#include "signals/procfs.h"

namespace vigia::signals {
namespace {

constexpr size_t kKernelNameLength = 15;

std::vector<int> Candidates(const Files& files, const std::string& pid_file) {
  if (pid_file.empty()) return ListProcesses(files);
  const auto text = files.Read(pid_file);
  if (!text.ok()) return {};
  const std::string_view trimmed = Trim(*text);
  const auto pid = ParseInteger(trimmed.substr(0, trimmed.find_first_of(" \n\t")));
  if (!pid || *pid <= 0) return {};
  return {static_cast<int>(*pid)};
}

}  // namespace

Probe::Outcome ProcessProbe::Measure(WallTime, Findings& findings) {
  int64_t count = 0;
  uint64_t pages = 0, ticks = 0, threads = 0, open = 0;
  for (const int pid : Candidates(world_.files, settings_.pid_file.empty() ? "" : Path(settings_.pid_file))) {
    const auto stat = ReadProcessStat(world_.files, pid);
    if (!stat || stat->state == 'Z') continue;
    if (!settings_.process.empty() && stat->name != settings_.process.substr(0, kKernelNameLength)) continue;
    if (!settings_.contains.empty() && ReadCommand(world_.files, pid).find(settings_.contains) == std::string::npos) {
      continue;
    }
    ++count;
    pages += stat->resident_pages;
    ticks += stat->cpu_ticks;
    threads += stat->threads;
    const auto descriptors = world_.files.List("/proc/" + std::to_string(pid) + "/fd");
    open += descriptors.ok() ? descriptors->size() : 0;
  }
  findings.Add("process_count", static_cast<double>(count));
  if (count > 0) {
    findings.Add("process_resident_bytes", static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    findings.Add("process_cpu_seconds_total", static_cast<double>(ticks) / kTicksPerSecond);
    findings.Add("process_threads", static_cast<double>(threads));
    findings.Add("process_open_files", static_cast<double>(open));
  }
  return count >= settings_.at_least ? Outcome::kGood : Outcome::kBad;
}

SourceMaker LoadProcessProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  ProcessProbeSettings settings;
  settings.pid_file = reader.Text("pid_file");
  settings.process = reader.Text("process");
  settings.contains = reader.Text("contains");
  settings.at_least = reader.Integer("at_least", settings.at_least);
  if (settings.pid_file.empty() && settings.process.empty() && settings.contains.empty()) {
    reader.Add(reader.line(), "a process is found by 'pid_file', 'process' (its name) or 'contains' (of its command)");
  }
  return MakerOf<ProcessProbe>(common, std::move(settings));
}

}  // namespace vigia::signals
