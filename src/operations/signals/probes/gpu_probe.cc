#include "signals/probes/gpu_probe.h"

#include "base/text.h"

namespace vigia::signals {

Probe::Outcome GpuProbe::Measure(WallTime, Findings& findings) {
  ProcessRequest request;
  request.arguments = {"nvidia-smi", "--query-gpu=index,utilization.gpu,memory.used,memory.total,temperature.gpu",
                       "--format=csv,noheader,nounits"};
  request.timeout = common().timeout;
  const auto result = world_.processes.Run(request);
  if (!result.ok()) return result.error().code() == Code::kNotFound ? Outcome::kAbsent : Outcome::kBad;
  if (!result->succeeded()) return Outcome::kBad;
  bool any = false;
  for (const std::string_view line : Split(result->out, '\n')) {
    const std::vector<std::string_view> fields = Split(line, ',');
    if (fields.size() != 5) continue;
    any = true;
    const LabelSet gpu{{"gpu", std::string(Trim(fields[0]))}};
    const auto percent = ParseNumber(Trim(fields[1]));
    const auto used = ParseNumber(Trim(fields[2]));
    const auto total = ParseNumber(Trim(fields[3]));
    const auto celsius = ParseNumber(Trim(fields[4]));
    constexpr double kMebibyte = 1024.0 * 1024.0;
    if (percent) findings.Add("gpu_used_ratio", *percent / 100, gpu);
    if (used) findings.Add("gpu_memory_used_bytes", *used * kMebibyte, gpu);
    if (total) findings.Add("gpu_memory_total_bytes", *total * kMebibyte, gpu);
    if (used && total && *total > 0) findings.Add("gpu_memory_used_ratio", *used / *total, gpu);
    if (celsius) findings.Add("gpu_celsius", *celsius, gpu);
  }
  return any ? Outcome::kGood : Outcome::kBad;
}

SourceMaker LoadGpuProbe(config::MapReader&, const ProbeCommon& common, const ProbeRules&) {
  return [common](const ProbeWorld& world) { return std::make_unique<GpuProbe>(common, world); };
}

}  // namespace vigia::signals
