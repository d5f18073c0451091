// What is measured without being asked for: the probes of every service that has a URL, the metrics and
// SLOs of the risk service, the machine, and drift.
#pragma once

#include <string>
#include <vector>

#include "signals/load.h"
#include "supervisor/supervisor.h"

namespace vigia::control {

// Adds the sources to those that are configured; one that is configured under the same name wins.
//   NAME-health, NAME-ready     probe_success{service=NAME, kind="health" | "ready"} every second
//   risk-metrics, risk-slo      every series; latency_p95_ms, error_rate {service="risk"}
//   machine-disk, -memory, -cpu
//   drift, performance, labels, risk-requests     see default_jobs.h
//   hourly
void AddDefaultSources(const std::vector<supervisor::ServiceSpec>& services, signals::SignalSettings& settings);

// Names of the health and ready probes of a service.
std::vector<std::string> ServiceProbes(const supervisor::ServiceSpec& spec);

}  // namespace vigia::control
