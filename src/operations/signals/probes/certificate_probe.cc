#include "signals/probes/certificate_probe.h"

#include "net/certificate.h"

namespace vigia::signals {

Probe::Outcome CertificateProbe::Measure(WallTime now, Findings& findings) {
  const auto expires = [&]() -> Result<WallTime> {
    if (!settings_.file.empty()) return net::CertificateExpiry(TRY(world_.files.Read(Path(settings_.file))));
    return net::PeerCertificateExpiry(settings_.host, settings_.port, settings_.server_name, common().timeout);
  }();
  if (!expires.ok()) return Outcome::kBad;
  findings.Add("certificate_expires_seconds", std::chrono::duration<double>(*expires - now).count());
  return Outcome::kGood;
}

SourceMaker LoadCertificateProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  CertificateProbeSettings settings;
  settings.file = reader.Text("file");
  settings.host = reader.Text("host");
  settings.server_name = reader.Text("server_name", settings.host);
  const int64_t port = reader.Integer("port", settings.port);
  if (port < 1 || port > 65535) reader.Add(reader.Line("port"), "'port' must be from 1 to 65535");
  settings.port = static_cast<uint16_t>(port);
  if (settings.file.empty() == settings.host.empty()) {
    reader.Add(reader.line(), "a certificate is found by 'file' or by 'host' (and 'port'), one of them");
  }
  return MakerOf<CertificateProbe>(common, std::move(settings));
}

}  // namespace vigia::signals
