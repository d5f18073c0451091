// The section `signals` of vigia.yaml.
//
//   signals:
//     programs: [vigia]            what job probes may run
//     sources:
//       - {name: risk-metrics, kind: scrape, url: "http://127.0.0.1:8000/metrics?format=prometheus", every: 5s}
//       - {name: risk, kind: http, url: "http://127.0.0.1:8000/health", every: 1s, timeout: 2s, labels: {service:
//       risk}}
//       - {name: drift, kind: job, command: [vigia, drift, summary, --json], every: 1h, signals: {drift_psi:
//       .score.psi}}
#pragma once

#include <string>
#include <vector>

#include "config/map_reader.h"
#include "signals/collector.h"
#include "signals/probe.h"
#include "signals/series_store.h"

namespace vigia::signals {

struct SignalSettings {
  SeriesSettings series;
  CollectorSettings collector;
  std::vector<std::string> names;    // of the sources
  std::vector<SourceMaker> sources;  // each makes one source, once
};

// Adds a problem (file:line and a sentence) for whatever does not fit, unknown keys included; with
// problems the settings are partial. `section` may be null: no sources.
SignalSettings LoadSignals(const config::YamlNode* section, const std::string& file,
                           std::vector<config::Problem>& problems);

std::vector<std::unique_ptr<SignalSource>> MakeSources(const SignalSettings& settings, const ProbeWorld& world);

}  // namespace vigia::signals
