// How long a certificate is still valid: of a TLS server, or of a PEM file.
#pragma once

#include "signals/probe.h"

namespace vigia::signals {

struct CertificateProbeSettings {
  std::string file;  // PEM; its first certificate
  std::string host;
  uint16_t port = 443;
  std::string server_name;  // SNI; empty: the host
};

// certificate_expires_seconds (negative: it has expired). Trust is not judged: an http probe does that.
class CertificateProbe final : public Probe {
 public:
  CertificateProbe(ProbeCommon common, const ProbeWorld& world, CertificateProbeSettings settings)
      : Probe(std::move(common), world), settings_(std::move(settings)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  const CertificateProbeSettings settings_;
};

SourceMaker LoadCertificateProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
