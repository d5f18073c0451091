// A TCP connection can be made.
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

struct TcpProbeSettings {
  std::string host = "127.0.0.1";
  uint16_t port = 0;
};

// tcp_connect_seconds, when it could.
class TcpProbe final : public Probe {
 public:
  TcpProbe(ProbeCommon common, const ProbeWorld& world, TcpProbeSettings settings)
      : Probe(std::move(common), world), settings_(std::move(settings)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  const TcpProbeSettings settings_;
};

uint16_t RequiredPort(config::MapReader& reader);
SourceMaker LoadTcpProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
