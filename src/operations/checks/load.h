// Checks in YAML.
#pragma once

#include <string>
#include <vector>

#include "checks/check.h"
#include "config/map_reader.h"

namespace vigia::checks {

// - name: service_down
//   when: {signal: probe_success, labels: ['probe="risk"'], function: max, window: 5s, below: 1}
//   for: 3s
//   severity: critical
// - name: many_errors
//   promql: {url: "http://127.0.0.1:9090", query: 'sum by (job) (rate(errors_total[5m]))', above: 0.5}
//   every: 30s
// Without a comparison, each series of the answer is an alert.
// Adds a problem (file:line and a sentence) for whatever does not fit; the check is then partial.
Check LoadCheck(const config::YamlNode& node, const std::string& file, std::vector<config::Problem>& problems);
std::vector<Check> LoadChecks(const config::YamlNode& list, const std::string& file,
                              std::vector<config::Problem>& problems);
// {signal, labels, function, window, quantile, of: {signal, labels}}: also used by runbooks.
struct Measured {
  signals::Selector selector;
  std::optional<signals::Selector> of;  // see Condition::of
};
Measured LoadMeasured(const config::YamlNode& node, const std::string& file, std::vector<config::Problem>& problems);
// `of: {signal, labels}`, with the function and the window of the part.
std::optional<signals::Selector> LoadOf(config::MapReader& reader, const signals::Selector& part);

}  // namespace vigia::checks
