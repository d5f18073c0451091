// The sections `silences`, `inhibit_rules` and `alerting` of vigia.yaml.
//
//   silences:
//     - {window: nightly-backup, matchers: ['service="risk"', 'alertname=~"risk_latency|disk_.*"'], comment: dumps}
//   inhibit_rules:
//     - {source_matchers: ['alertname="service_down"'], target_matchers: ['severity=~"high|medium"'], equal: [service]}
//   alerting: {group_by: [alertname, cluster], resolve_timeout: 5m, silence_retention: 120h}
#pragma once

#include <string>
#include <vector>

#include "alerting/suppression.h"
#include "config/map_reader.h"

namespace vigia::alerting {

// `root` is the whole document. Adds a problem (file:line and a sentence) for whatever does not fit;
// `windows`: the names of the windows that there are.
AlertingSettings LoadAlerting(const config::YamlNode& root, const std::string& file,
                              const std::vector<std::string>& windows, std::vector<config::Problem>& problems);

}  // namespace vigia::alerting
