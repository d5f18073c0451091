// A read-only query on a SQLite file. Other databases: a job probe with their client (psql --csv …).
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

struct SqlProbeSettings {
  std::string file;
  std::string query;   // one statement that only reads
  std::string signal;  // name of what it finds
};

// Of each row (at most 1000) a sample: the last column is its value, the others are labels by their names.
class SqlProbe final : public Probe {
 public:
  SqlProbe(ProbeCommon common, const ProbeWorld& world, SqlProbeSettings settings)
      : Probe(std::move(common), world), settings_(std::move(settings)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  const SqlProbeSettings settings_;
};

SourceMaker LoadSqlProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
