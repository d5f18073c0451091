// A question to a real Prometheus: each series of the answer is a series here.
#pragma once

#include "signals/probe.h"
#include "signals/probes/scrape.h"

namespace vigia::signals {

struct PromqlSettings {
  std::string url;     // of the server, "http://127.0.0.1:9090"
  std::string query;   // an instant query
  std::string signal;  // what its values are called here
  HeaderValues headers;
  std::string ca_file;
  size_t max_series = 2'000;
};

// The labels are the answer's, without __name__. A series that the answer does not hold any more ends, all
// of them do when there is no answer; then probe_success is 0, too.
class PromqlProbe final : public Probe {
 public:
  PromqlProbe(ProbeCommon common, const ProbeWorld& world, PromqlSettings settings)
      : Probe(std::move(common), world), settings_(std::move(settings)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  Result<std::vector<std::pair<LabelSet, double>>> Ask() const;

  const PromqlSettings settings_;
  std::vector<LabelSet> seen_;  // sorted; of the last answer
};

// {url, query, headers, ca_file}: all but the signal's name.
PromqlSettings ReadPromql(config::MapReader& reader);
SourceMaker LoadPromqlProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
