// Memory of the machine.
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

// memory_total_bytes, memory_available_bytes, memory_used_ratio (what is not available), swap_used_bytes.
class MemoryProbe final : public Probe {
 public:
  using Probe::Probe;

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;
};

SourceMaker LoadMemoryProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
