#include "signals/probes/cpu_probe.h"

#include "base/text.h"

namespace vigia::signals {

Probe::Outcome CpuProbe::Measure(WallTime, Findings& findings) {
  const auto text = world_.files.Read("/proc/stat");
  if (!text.ok()) return Outcome::kBad;
  double busy = 0, total = 0, processors = 0;
  for (const std::string_view line : Split(*text, '\n')) {
    if (!line.starts_with("cpu")) break;
    if (!line.starts_with("cpu ")) {
      ++processors;
      continue;
    }
    // cpu user nice system idle iowait irq softirq steal; what follows is counted in user already.
    size_t column = 0;
    for (const std::string_view field : Split(Trim(line.substr(4)), ' ')) {
      const double ticks = static_cast<double>(ParseInteger(field).value_or(0));
      if (column < 8) total += ticks;
      if (column < 8 && column != 3 && column != 4) busy += ticks;
      ++column;
    }
  }
  if (total <= 0) return Outcome::kBad;
  if (busy_ >= 0 && total > total_) findings.Add("cpu_used_ratio", (busy - busy_) / (total - total_));
  busy_ = busy;
  total_ = total;
  findings.Add("cpu_count", processors);
  const auto load = world_.files.Read("/proc/loadavg");
  if (load.ok()) {
    if (const auto load1 = ParseNumber(load->substr(0, load->find(' ')))) findings.Add("load1", *load1);
  }
  return Outcome::kGood;
}

SourceMaker LoadCpuProbe(config::MapReader&, const ProbeCommon& common, const ProbeRules&) {
  return [common](const ProbeWorld& world) { return std::make_unique<CpuProbe>(common, world); };
}

}  // namespace vigia::signals
