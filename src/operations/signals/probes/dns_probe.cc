#include "signals/probes/dns_probe.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace vigia::signals {

Probe::Outcome DnsProbe::Measure(WallTime, Findings& findings) {
  ProcessRequest request;
  request.arguments = {"getent", "ahosts", settings_.host};
  request.timeout = common().timeout;
  const auto result = world_.processes.Run(request);
  if (!result.ok() || !result->succeeded()) return Outcome::kBad;
  std::set<std::string, std::less<>> addresses;
  for (const std::string_view line : Split(result->out, '\n')) {
    const std::string_view address = line.substr(0, line.find_first_of(" \t"));
    if (!address.empty()) addresses.emplace(address);
  }
  findings.Add("dns_addresses", static_cast<double>(addresses.size()));
  const bool expected = std::all_of(settings_.expect.begin(), settings_.expect.end(),
                                    [&](const std::string& wanted) { return addresses.count(wanted) > 0; });
  return !addresses.empty() && expected ? Outcome::kGood : Outcome::kBad;
}

SourceMaker LoadDnsProbe(config::MapReader& reader, const ProbeCommon& common, const ProbeRules&) {
  DnsProbeSettings settings;
  settings.host = reader.RequiredText("host");
  if (settings.host.starts_with("-")) reader.Add(reader.Line("host"), "'host' must be a name");
  settings.expect = reader.Texts("expect");
  return MakerOf<DnsProbe>(common, std::move(settings));
}

}  // namespace vigia::signals
