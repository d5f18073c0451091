// A name resolves, as the machine resolves names: by getent, a program that can be ended when it hangs.
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

struct DnsProbeSettings {
  std::string host;
  std::vector<std::string> expect;  // each of these addresses must be among the answers
};

// dns_addresses: how many different ones there are.
class DnsProbe final : public Probe {
 public:
  DnsProbe(ProbeCommon common, const ProbeWorld& world, DnsProbeSettings settings)
      : Probe(std::move(common), world), settings_(std::move(settings)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  const DnsProbeSettings settings_;
};

SourceMaker LoadDnsProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
