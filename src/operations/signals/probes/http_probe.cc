#include "signals/probes/http_probe.h"

#include <algorithm>

#include "base/text.h"

namespace vigia::signals {

Probe::Outcome HttpProbe::Measure(WallTime now, Findings& findings) {
  net::HttpRequest request;
  request.method = settings_.method;
  request.url = settings_.url;
  request.headers = ResolveHeaders(settings_.headers, world_);
  request.body = settings_.body;
  request.ca_file = settings_.ca_file;
  request.timeout = common().timeout;
  const auto response = world_.http.Send(request);
  if (!response.ok()) {
    findings.Add("http_status", 0);
    return Outcome::kBad;
  }
  findings.Add("http_status", response->status);
  findings.Add("http_seconds", std::chrono::duration<double>(response->took).count());
  if (response->certificate_expires) {
    const auto left = std::chrono::duration<double>(*response->certificate_expires - now).count();
    findings.Add("http_certificate_expires_seconds", left);
  }
  bool good = std::find(settings_.expect.begin(), settings_.expect.end(), response->status) != settings_.expect.end();
  good = good && response->body.find(settings_.contains) != std::string::npos;
  if (settings_.fields.empty() && settings_.expect_json == nullptr) return good ? Outcome::kGood : Outcome::kBad;
  const auto document = ParseJson(response->body);
  if (!document.ok()) return Outcome::kBad;
  settings_.fields.Extract(*document, findings);
  if (settings_.expect_json != nullptr) {
    good = good && settings_.expect_json->Test(*document) == jq::Verdict::kTrue;
  }
  return good ? Outcome::kGood : Outcome::kBad;
}

SourceMaker LoadHttpProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  HttpProbeSettings settings;
  settings.method = reader.Text("method", settings.method);
  settings.url = RequiredUrl(reader);
  settings.headers = LoadHeaders(reader);
  settings.body = reader.Text("body");
  settings.ca_file = reader.Text("ca_file");
  settings.contains = reader.Text("contains");
  if (reader.Has("expect")) {
    settings.expect.clear();
    for (const std::string& text : reader.Texts("expect")) {
      const auto status = ParseInteger(text);
      if (status && *status >= 100 && *status <= 599) {
        settings.expect.push_back(static_cast<int>(*status));
      } else {
        reader.Add(reader.Line("expect"), "'expect' must be a status from 100 to 599, or a list of them");
      }
    }
  }
  settings.expect_json = LoadCondition(reader, "expect_json");
  settings.fields = Fields::Load(reader);
  return MakerOf<HttpProbe>(common, std::move(settings));
}

}  // namespace vigia::signals
