// An HTTP call: status, fields of its JSON, latency.
#pragma once

#include "signals/probe.h"
#include "signals/probes/scrape.h"

namespace vigia::signals {

struct HttpProbeSettings {
  std::string method = "GET";
  std::string url;
  HeaderValues headers;
  std::string body;
  std::string ca_file;
  std::vector<int> expect{200};
  std::string contains;                           // a text that the body must hold
  std::shared_ptr<const jq::Filter> expect_json;  // must be true of the body
  Fields fields;
};

// http_status (0: no answer), http_seconds, http_certificate_expires_seconds, and the fields.
class HttpProbe final : public Probe {
 public:
  HttpProbe(ProbeCommon common, const ProbeWorld& world, HttpProbeSettings settings)
      : Probe(std::move(common), world), settings_(std::move(settings)) {}

 protected:
  Outcome Measure(WallTime now, Findings& findings) override;

 private:
  const HttpProbeSettings settings_;
};

SourceMaker LoadHttpProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules& rules);

}  // namespace vigia::signals
