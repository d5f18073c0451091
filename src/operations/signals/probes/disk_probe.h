// Space of the file system that holds a path.
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

// disk_total_bytes, disk_free_bytes, disk_free_ratio, disk_used_ratio, with the label `path`.
class DiskProbe final : public Probe {
 public:
  DiskProbe(ProbeCommon common, const ProbeWorld& world, std::string path)
      : Probe(std::move(common), world), path_(std::move(path)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  const std::string path_;
};

SourceMaker LoadDiskProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
