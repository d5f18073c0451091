#include "signals/probes/disk_probe.h"

namespace vigia::signals {

Probe::Outcome DiskProbe::Measure(WallTime, Findings& findings) {
  const auto space = world_.files.Space(Path(path_));
  if (!space.ok() || space->total_bytes == 0) return Outcome::kBad;
  const LabelSet path{{"path", path_}};
  const auto total = static_cast<double>(space->total_bytes);
  const auto free = static_cast<double>(space->free_bytes);
  findings.Add("disk_total_bytes", total, path);
  findings.Add("disk_free_bytes", free, path);
  findings.Add("disk_free_ratio", free / total, path);
  findings.Add("disk_used_ratio", 1 - free / total, path);
  return Outcome::kGood;
}

SourceMaker LoadDiskProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  return MakerOf<DiskProbe>(common, reader.Text("path", "."));
}

}  // namespace vigia::signals
