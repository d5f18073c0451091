// A file is there, and how old it is.
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

// file_count, and of the newest file_age_seconds and file_bytes. Success: there is one.
// The last part of the path may hold * for any text: "data/backups/*.db".
class FileProbe final : public Probe {
 public:
  FileProbe(ProbeCommon common, const ProbeWorld& world, std::string path)
      : Probe(std::move(common), world), path_(std::move(path)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  const std::string path_;
};

bool MatchesGlob(std::string_view pattern, std::string_view text);  // * only

SourceMaker LoadFileProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
