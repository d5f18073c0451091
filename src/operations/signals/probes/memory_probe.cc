#include "signals/probes/memory_probe.h"

#include "base/text.h"

namespace vigia::signals {
namespace {

// "MemTotal:       16384 kB" -> bytes.
std::optional<double> Entry(std::string_view text, std::string_view name) {
  for (const std::string_view line : Split(text, '\n')) {
    if (!line.starts_with(name)) continue;
    const std::string_view rest = Trim(line.substr(name.size()));
    const auto kilobytes = ParseInteger(rest.substr(0, rest.find(' ')));
    if (kilobytes) return static_cast<double>(*kilobytes) * 1024;
  }
  return std::nullopt;
}

}  // namespace

Probe::Outcome MemoryProbe::Measure(WallTime, Findings& findings) {
  const auto text = world_.files.Read("/proc/meminfo");
  if (!text.ok()) return Outcome::kBad;
  const auto total = Entry(*text, "MemTotal:");
  const auto available = Entry(*text, "MemAvailable:");
  if (!total || !available || *total <= 0) return Outcome::kBad;
  findings.Add("memory_total_bytes", *total);
  findings.Add("memory_available_bytes", *available);
  findings.Add("memory_used_ratio", 1 - *available / *total);
  const auto swap = Entry(*text, "SwapTotal:");
  const auto swap_free = Entry(*text, "SwapFree:");
  if (swap && swap_free) findings.Add("swap_used_bytes", *swap - *swap_free);
  return Outcome::kGood;
}

SourceMaker LoadMemoryProbe(config::MapReader&, const ProbeCommon& common, const ProbeRules&) {
  return [common](const ProbeWorld& world) { return std::make_unique<MemoryProbe>(common, world); };
}

}  // namespace vigia::signals
