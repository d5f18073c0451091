// The section `services` of vigia.yaml.
//
//   services:
//     - name: risk
//       command: [vigia-risk, --home, var, --port, "{port}"]
//       port: 8000
//       health_url: "http://127.0.0.1:{port}/health"
//       ready_url: "http://127.0.0.1:{port}/ready"
//     - {name: faces, managed_by: docker, unit: faces-api, health_url: "http://127.0.0.1:8080/health", budget: 0}
#pragma once

#include <string>
#include <vector>

#include "config/map_reader.h"
#include "supervisor/supervisor.h"

namespace vigia::supervisor {

// Adds a problem (file:line and a sentence) for whatever does not fit, unknown keys included.
std::vector<ServiceSpec> LoadServices(const config::YamlNode& list, const std::string& file,
                                      std::vector<config::Problem>& problems);

}  // namespace vigia::supervisor
