// Any program that prints JSON: "vigia drift summary --json". An argument list, never a shell string.
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

struct JobProbeSettings {
  std::vector<std::string> command;
  std::vector<int> expect{0};  // exit codes that are a success
  std::shared_ptr<const jq::Filter> expect_json;
  Fields fields;
};

// job_exit_code, and the fields of its standard output. Success: an expected exit, and JSON when fields are asked.
class JobProbe final : public Probe {
 public:
  JobProbe(ProbeCommon common, const ProbeWorld& world, JobProbeSettings settings)
      : Probe(std::move(common), world), settings_(std::move(settings)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  const JobProbeSettings settings_;
};

SourceMaker LoadJobProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
