// Lines of a log that match. Follows the file through rotation by renaming and by truncation.
#pragma once

#include <optional>

#include "base/unique_fd.h"
#include "signals/pattern.h"
#include "signals/probe.h"

namespace vigia::signals {

struct LogProbeSettings {
  std::string path;
  std::vector<std::string> contains;  // a line matches when it holds one of these …
  std::optional<Pattern> pattern;     // … or this is found in it
};

// log_matches_total and log_lines_total, counters since this probe began: ask for their increase.
// What stood in the file at the first call is not counted. Lines are cut at 4 KiB.
// Success: the file is there.
class LogProbe final : public Probe {
 public:
  LogProbe(ProbeCommon common, const ProbeWorld& world, LogProbeSettings settings)
      : Probe(std::move(common), world), settings_(std::move(settings)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  void Follow(const std::string& path);
  void ReadOn();
  void TakeLine(std::string_view line);

  const LogProbeSettings settings_;
  UniqueFd fd_;
  bool begun_ = false;
  uint64_t inode_ = 0, device_ = 0;
  int64_t offset_ = 0;
  std::string partial_;  // a line without its end yet
  uint64_t lines_ = 0, matches_ = 0;
};

SourceMaker LoadLogProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
