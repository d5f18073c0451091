// Processes by pid file, or by name and a text of their command line.
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

struct ProcessProbeSettings {
  std::string pid_file;  // its first number
  std::string process;   // name of the program, at most 15 bytes of it are compared
  std::string contains;  // a text of the command line
  int64_t at_least = 1;
};

// process_count; of all together process_resident_bytes, process_cpu_seconds_total, process_threads,
// process_open_files. Success: at least so many.
class ProcessProbe final : public Probe {
 public:
  ProcessProbe(ProbeCommon common, const ProbeWorld& world, ProcessProbeSettings settings)
      : Probe(std::move(common), world), settings_(std::move(settings)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  const ProcessProbeSettings settings_;
};

SourceMaker LoadProcessProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
