#include "signals/probes/tcp_probe.h"

#include "net/dial.h"

namespace vigia::signals {

Probe::Outcome TcpProbe::Measure(WallTime, Findings& findings) {
  const MonoTime started = world_.clock.Mono();
  const auto connection = net::Dial(settings_.host, settings_.port, common().timeout);
  if (!connection.ok()) return Outcome::kBad;
  findings.Add("tcp_connect_seconds", std::chrono::duration<double>(world_.clock.Mono() - started).count());
  return Outcome::kGood;
}

uint16_t RequiredPort(config::MapReader& reader) {
  const int64_t port = reader.Integer("port", 0);
  if (port < 1 || port > 65535) {
    reader.Add(reader.Line("port"), "'port' must be from 1 to 65535");
    return 1;
  }
  return static_cast<uint16_t>(port);
}

SourceMaker LoadTcpProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  TcpProbeSettings settings;
  settings.host = reader.Text("host", settings.host);
  settings.port = RequiredPort(reader);
  return MakerOf<TcpProbe>(common, std::move(settings));
}

}  // namespace vigia::signals
