// GPUs, by nvidia-smi. A machine without it has no data, which is not a failure.
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

// With the label `gpu` (its index): gpu_used_ratio, gpu_memory_used_bytes, gpu_memory_total_bytes,
// gpu_memory_used_ratio, gpu_celsius. What a GPU does not report is left out.
class GpuProbe final : public Probe {
 public:
  using Probe::Probe;

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;
};

SourceMaker LoadGpuProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
