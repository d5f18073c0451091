// Processors of the machine.
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

// cpu_used_ratio since the call before (the first call gives none), cpu_count, load1.
class CpuProbe final : public Probe {
 public:
  using Probe::Probe;

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  double busy_ = -1;  // ticks; negative: not known yet
  double total_ = 0;
};

SourceMaker LoadCpuProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
